// What the library calls of compiled loops share: XLA calls, OpenBLAS computes, and XLA's own threads do the tasks.
#pragma once
#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include <cblas.h>
#include <xla/ffi/api/ffi.h>

// A loop as the processor at hand runs it fastest, and a file's way to have its loops made of wide operations, or each
// product and sum rounded at once, as OpenBLAS does. Without GCC on x86-64 the compiler's default is taken.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define VECTORS __attribute__((target_clones("fma", "default")))
#define PRAGMA(text) _Pragma(#text)
#define OPTIMIZE(how) PRAGMA(GCC optimize(how))
#else
#define VECTORS
#define OPTIMIZE(how)
#endif
#define INLINED inline __attribute__((always_inline))

namespace widenet {

namespace ffi = xla::ffi;

// As many entries as a wide operation takes at once, wherever they lie.
template <class T> struct Lanes {
  typedef T type __attribute__((vector_size(32), aligned(alignof(T)), may_alias));
};

// How many matrices a buffer of shape [..., rows, columns] holds.
inline int64_t matrices(const ffi::AnyBuffer::Dimensions& shape) {
  int64_t count = 1;
  for (size_t i = 0; i + 2 < shape.size(); i++) count *= shape[i];
  return count;
}

// Does tasks 0 to count - 1, each once, on this thread and on those of the pool that come in time; returns when all are
// done.
template <class Task>
void share(ffi::ThreadPool& pool, int64_t count, Task task) {
  const int64_t helpers = std::min(pool.num_threads(), count) - 1;
  struct State { std::atomic<int64_t> next{0}, done{0}; };
  auto state = std::make_shared<State>();
  auto work = [state, count, task] {
    for (int64_t i; (i = state->next++) < count; state->done++) task(i);
  };
  for (int64_t i = 0; i < helpers; i++) pool.Schedule([work] { work(); });
  work();
  while (state->done < count) std::this_thread::yield();
}

// `f(T())` with the buffer's type as T.
template <class F>
ffi::Error byType(const ffi::AnyBuffer& buffer, F f) {
  if (buffer.element_type() == ffi::F32) f(float());
  else if (buffer.element_type() == ffi::F64) f(double());
  else return ffi::Error::InvalidArgument("neither float32 nor float64");
  return ffi::Error::Success();
}

// A function that XLA calls directly: its result, its arguments, its configuration.
using DirectCall = void (*)(void* result, const void** arguments, const char* config, size_t length, void* status);
struct DirectCalls { DirectCall f32, f64; };

extern const DirectCalls productCalls;
extern const DirectCalls updateCalls;
extern const DirectCalls prefixSumCalls;
extern XLA_FFI_Handler* const productHandler;
extern XLA_FFI_Handler* const updateHandler;
extern XLA_FFI_Handler* const gramHandler;
extern XLA_FFI_Handler* const normalHandler;
extern XLA_FFI_Handler* const fourierHandler;
extern XLA_FFI_Handler* const convolutionHandler;
extern XLA_FFI_Handler* const convolutionToFilterHandler;
extern XLA_FFI_Handler* const convolutionToInputHandler;
extern XLA_FFI_Handler* const columnSumHandler;
extern XLA_FFI_Handler* const poolHandler;
extern XLA_FFI_Handler* const poolGradientHandler;
extern XLA_FFI_Handler* const choleskyHandler;
extern XLA_FFI_Handler* const triangularSolveHandler;
extern XLA_FFI_Handler* const eigenvaluesHandler;
extern XLA_FFI_Handler* const eigenvectorsHandler;
extern XLA_FFI_Handler* const determinantHandler;
extern XLA_FFI_Handler* const inverseHandler;
extern XLA_FFI_Handler* const svdHandler;

}  // namespace widenet
