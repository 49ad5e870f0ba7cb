// Brings what is printed to the thread of the sockets, in order: texts that JavaScript prints, and what is written to
// descriptors 1 and 2 by whatever code: a child process, a native library, fs.writeSync. Each descriptor becomes the
// end of a pipe, which a thread watches, so that writers never wait for busy JavaScript.
#include "pipes.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace printed;

using Arguments = std::vector<napi_value>;

napi_value number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
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

template <napi_value (*body)(napi_env, const Arguments&)>
napi_value method(napi_env env, napi_callback_info info) {
  size_t count = 3;
  Arguments arguments(count);
  napi_get_cb_info(env, info, &count, arguments.data(), nullptr, nullptr);
  try {
    return body(env, arguments);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

template <napi_value (*body)(napi_env, const Arguments&)>
void add(napi_env env, napi_value exports, const char* name) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, method<body>, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
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
