// The pipes behind descriptors 1 and 2: who reads them, who is told, and what becomes of them when the process ends.
#include "pipes.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace printed {

Caught caught[] = {{1, -1, 1}, {2, -1, 2}};
State& state = *new State;  // never destroyed: the thread that watches outlives the static objects

namespace {

// The newest bytes on descriptor 2: the last words of a process that aborts may have been read just before.
char recent[16384];
size_t recentLength = 0;
time_t recentTime = 0;

time_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

void remember(const char* bytes, size_t length) {
  if (now() - recentTime > 2) recentLength = 0;
  recentTime = now();
  if (length > sizeof recent) {
    bytes += length - sizeof recent;
    length = sizeof recent;
  }
  const size_t kept = std::min(recentLength, sizeof recent - length);
  memmove(recent, recent + recentLength - kept, kept);
  memcpy(recent + kept, bytes, length);
  recentLength = kept + length;
}

ssize_t readNow(Caught& from, char* buffer, size_t size) {
  if (from.reader < 0) return -1;
  ssize_t count;
  do count = read(from.reader, buffer, size);
  while (count < 0 && errno == EINTR);
  if (count == 0) from.reader = -1;  // closed by every writer
  return count;
}

void writeAll(int descriptor, const char* bytes, size_t length) {
  while (length > 0) {
    const ssize_t count = write(descriptor, bytes, length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes += count;
    length -= count;
  }
}

}  // namespace

void append(int cell, int descriptor, const char* bytes, size_t length) {
  state.length += length;
  if (!state.pieces.empty()) {
    Piece& last = state.pieces.back();
    const bool same = last.cell == cell && last.descriptor == descriptor && last.marks == state.marks;
    if (same && last.bytes.size() < 1 << 20) {
      last.bytes.append(bytes, length);
      return;
    }
  }
  state.pieces.push_back({cell, descriptor, state.marks, std::string(bytes, length)});
}

// Reads what is there; the lock is held. A writer that never pauses is left after a few rounds.
bool collectPieces() {
  static char buffer[65536];
  bool some = false;
  for (Caught& from : caught) {
    ssize_t count;
    for (int round = 0; round < 4 && (count = readNow(from, buffer, sizeof buffer)) > 0; round++) {
      if (from.descriptor == 2) remember(buffer, count);
      append(0, from.descriptor, buffer, count);
      some = true;
    }
  }
  return some;
}

void wakeListener() {
  if (!state.wake || state.woken) return;
  state.woken = true;
  napi_call_threadsafe_function(state.wake, nullptr, napi_tsfn_nonblocking);
}

void watch() {
  std::unique_lock<std::mutex> lock(state.mutex);
  while (state.wake) {
    pollfd polled[] = {{caught[0].reader, POLLIN, 0}, {caught[1].reader, POLLIN, 0}};
    lock.unlock();
    const int ready = poll(polled, 2, -1);
    lock.lock();
    if (ready <= 0) continue;
    wakeListener();
    state.seen.wait(lock, [] { return !state.woken || !state.wake; });
  }
}

// The process ends: what nobody has read goes where it would have gone. Called in signal handlers too.
void spill() {
  char buffer[4096];
  for (Caught& from : caught)
    for (ssize_t count; (count = readNow(from, buffer, sizeof buffer)) > 0;) writeAll(from.original, buffer, count);
}

void spillOnAbort(int number) {
  if (now() - recentTime <= 2) writeAll(caught[1].original, recent, recentLength);
  spill();
  raise(number);  // as soon as this returns, and with the default action
}

[[noreturn]] void failWith(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void redirect(Caught& from) {
  int ends[2];
  if (pipe(ends)) failWith("pipe");
  from.original = fcntl(from.descriptor, F_DUPFD_CLOEXEC, 3);
  if (from.original < 0) failWith("dup");
  if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) || fcntl(ends[0], F_SETFL, O_NONBLOCK)) failWith("fcntl");
  if (dup2(ends[1], from.descriptor) < 0) failWith("dup2");
  close(ends[1]);
  from.reader = ends[0];
}

}  // namespace printed
