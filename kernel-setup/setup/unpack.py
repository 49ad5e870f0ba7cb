"""Unpacks chosen members of a wheel: unpack.py WHEEL FOLDER MEMBER=PATH... Prints `done total` in bytes as it goes."""
import os
import sys
import zipfile
import zlib

CHUNK = 1 << 22


def unpack(wheel, folder, targets):
    with zipfile.ZipFile(wheel) as archive:
        total = sum(archive.getinfo(member).file_size for member in targets)
        done = 0
        for member, target in targets.items():
            target = os.path.join(folder, target)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(member) as source, open(target, "wb") as sink:
                while chunk := source.read(CHUNK):
                    sink.write(chunk)
                    done += len(chunk)
                    print(done, total, flush=True)


if __name__ == "__main__":
    wheel, folder, *pairs = sys.argv[1:]
    try:
        unpack(wheel, folder, dict(pair.split("=", 1) for pair in pairs))
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        sys.exit(f"unpack: {wheel}: {error}")
