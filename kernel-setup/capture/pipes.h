// What the addon's files share: what was printed and not yet taken, and the pipes behind descriptors 1 and 2.
#pragma once
#include <node_api.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

namespace printed {

// A descriptor that is caught: where its pipe is read, and what it was before.
struct Caught { int descriptor, reader, original; };
extern Caught caught[2];

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
// Above this length JavaScript waits, so that a loop that prints cannot fill the memory.
constexpr size_t lengthLimit = 32 << 20;
extern State& state;

// The lock of the state is held for these three.
void append(int cell, int descriptor, const char* bytes, size_t length);
bool collectPieces();  // reads what is in the pipes; whether there was something
void wakeListener();

void watch();
void spill();
void spillOnAbort(int number);
void redirect(Caught& from);
[[noreturn]] void failWith(const char* what);

}  // namespace printed
