// Brings what is printed to the thread of the sockets, in order: texts that JavaScript prints, and what is written to
// descriptors 1 and 2 by whatever code: a child process, a native library, fs.writeSync. Each descriptor becomes the
// end of a pipe, which a thread watches, so that writers never wait for busy JavaScript.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#include "method.h"

namespace {

// A descriptor that is caught: where its pipe is read, and what it was before.
struct Caught { int descriptor, reader, original; };
Caught caught[] = {{1, -1, 1}, {2, -1, 2}};

// What was printed, and how many marks had been set by then; `cell` is 0 for what was written to the descriptor.
struct Piece { int cell, descriptor; int64_t marks; std::string bytes; };

struct State {
  std::mutex mutex;
  std::condition_variable seen;
  std::deque<Piece> pieces;
  size_t length = 0;
  int64_t marks = 0;
  napi_threadsafe_function wake = nullptr;
  bool woken = false;
};
// Above it JavaScript waits, so that a loop that prints cannot fill the memory.
constexpr size_t lengthLimit = 32 << 20;
State& state = *new State;  // never destroyed: the thread that watches outlives the static objects

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

ssize_t readNow(Caught& from, char* buffer, size_t size) {
  if (from.reader < 0) return -1;
  ssize_t count;
  do count = read(from.reader, buffer, size);
  while (count < 0 && errno == EINTR);
  if (count == 0) from.reader = -1;  // closed by every writer
  return count;
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

void writeAll(int descriptor, const char* bytes, size_t length) {
  while (length > 0) {
    const ssize_t count = write(descriptor, bytes, length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes += count;
    length -= count;
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

// capture(): from here on descriptors 1 and 2 are caught.
napi_value capture(napi_env, const Arguments&) {
  fflush(stdout);
  for (Caught& from : caught) redirect(from);
  setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // a pipe would be written only when the buffer is full
  atexit(spill);
  struct sigaction action = {};
  action.sa_handler = spillOnAbort;
  action.sa_flags = SA_RESETHAND;
  if (sigaction(SIGABRT, &action, nullptr)) failWith("sigaction");
  return nullptr;
}

// original(descriptor): the descriptor of what it was before it was caught.
napi_value original(napi_env env, const Arguments& arguments) {
  int32_t descriptor = 0;
  napi_get_value_int32(env, arguments.at(0), &descriptor);
  return number(env, caught[descriptor == 2].original);
}

// leave(code): ends the process at once, without the destructors that native threads still at work would meet.
napi_value leave(napi_env env, const Arguments& arguments) {
  int32_t code = 0;
  napi_get_value_int32(env, arguments.at(0), &code);
  _exit(code);
}

// print(cell, descriptor, text)
napi_value print(napi_env env, const Arguments& arguments) {
  int32_t cell = 0, descriptor = 0;
  size_t length = 0;
  napi_get_value_int32(env, arguments.at(0), &cell);
  napi_get_value_int32(env, arguments.at(1), &descriptor);
  if (napi_get_value_string_utf8(env, arguments.at(2), nullptr, 0, &length) != napi_ok)
    throw std::runtime_error("print: needs a text");
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, arguments.at(2), &text[0], length + 1, &length);
  fflush(stdout);
  std::unique_lock<std::mutex> lock(state.mutex);
  collectPieces();
  append(cell, descriptor, text.data(), text.size());
  wakeListener();
  state.seen.wait(lock, [] { return state.length < lengthLimit || !state.wake; });
  return nullptr;
}

// mark(): what was written by now comes before the next mark, what is written from now on after it; gives its number.
napi_value mark(napi_env env, const Arguments&) {
  fflush(stdout);
  std::lock_guard<std::mutex> lock(state.mutex);
  if (collectPieces()) wakeListener();
  return number(env, ++state.marks);
}

// listen(wake): `wake` is called, on this thread, once when there is something to collect.
napi_value listen(napi_env env, const Arguments& arguments) {
  napi_value name;
  napi_create_string_utf8(env, "capture", NAPI_AUTO_LENGTH, &name);
  std::lock_guard<std::mutex> lock(state.mutex);
  if (napi_create_threadsafe_function(env, arguments.at(0), nullptr, name, 0, 1, nullptr, nullptr, nullptr, nullptr,
                                      &state.wake) != napi_ok)
    throw std::runtime_error("listen: needs a function");
  napi_add_env_cleanup_hook(env, [](void*) {
    std::lock_guard<std::mutex> lock(state.mutex);
    state.wake = nullptr;
    state.seen.notify_all();
  }, nullptr);
  std::thread(watch).detach();
  if (!state.pieces.empty()) wakeListener();
  return nullptr;
}

// collect(): reads what is there; gives the number of the mark behind it.
napi_value collect(napi_env env, const Arguments&) {
  std::lock_guard<std::mutex> lock(state.mutex);
  collectPieces();
  return number(env, state.marks + 1);
}

// ready(): `wake` may be called again.
napi_value ready(napi_env, const Arguments&) {
  std::lock_guard<std::mutex> lock(state.mutex);
  state.woken = false;
  if (!state.pieces.empty()) wakeListener();
  else state.seen.notify_all();
  return nullptr;
}

// take(mark): what comes before this mark and was collected, as a list of cell, descriptor, bytes, cell, descriptor ...
napi_value take(napi_env env, const Arguments& arguments) {
  int64_t before = 0;
  napi_get_value_int64(env, arguments.at(0), &before);
  napi_value list;
  napi_create_array(env, &list);
  std::lock_guard<std::mutex> lock(state.mutex);
  for (uint32_t i = 0; !state.pieces.empty() && state.pieces.front().marks < before; i += 3) {
    const Piece& piece = state.pieces.front();
    napi_value bytes;
    napi_create_buffer_copy(env, piece.bytes.size(), piece.bytes.data(), nullptr, &bytes);
    napi_set_element(env, list, i, number(env, piece.cell));
    napi_set_element(env, list, i + 1, number(env, piece.descriptor));
    napi_set_element(env, list, i + 2, bytes);
    state.length -= piece.bytes.size();
    state.pieces.pop_front();
  }
  state.seen.notify_all();
  return list;
}

}  // namespace

NAPI_MODULE_INIT() {
  add<capture>(env, exports, "capture");
  add<original>(env, exports, "original");
  add<leave>(env, exports, "leave");
  add<print>(env, exports, "print");
  add<mark>(env, exports, "mark");
  add<listen>(env, exports, "listen");
  add<collect>(env, exports, "collect");
  add<ready>(env, exports, "ready");
  add<take>(env, exports, "take");
  return exports;
}
