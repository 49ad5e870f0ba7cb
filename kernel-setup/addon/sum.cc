// Prefix sums of compiled loops.
#include "library.h"

#include <cstring>

namespace widenet {
namespace {

// Of the array [outer, length, inner]; of an exclusive sum, entry l lacks x[l].
struct Axis { int64_t outer, length, inner, exclusive, reverse; };

// Along R rows at once, whose additions do not wait for each other.
template <int R, class T>
void alongRows(const Axis& s, const T* __restrict x, T* __restrict y) {
  T sums[R] = {};
  for (int64_t l = 0; l < s.length; l++) {
    const int64_t at = s.reverse ? s.length - 1 - l : l;
    for (int r = 0; r < R; r++) {
      const T before = sums[r];
      sums[r] += x[r * s.length + at];
      y[r * s.length + at] = s.exclusive ? before : sums[r];
    }
  }
}

// Down the columns of a matrix [length, inner].
template <class T>
void downColumns(const Axis& s, const T* x, T* y) {
  const int64_t step = s.reverse ? -s.inner : s.inner;
  if (s.reverse) x -= (s.length - 1) * step, y -= (s.length - 1) * step;
  if (s.exclusive) std::memset(y, 0, s.inner * sizeof(T));
  else std::memcpy(y, x, s.inner * sizeof(T)), x += step;
  for (int64_t l = 1; l < s.length; l++, x += step, y += step) {
    const T* __restrict from = x;
    const T* before = y;
    T* __restrict to = y + step;
    for (int64_t j = 0; j < s.inner; j++) to[j] = before[j] + from[j];
  }
}

template <class T>
void prefixSum(void* result, const void** in, const char* config, size_t length, void*) {
  Axis s;
  std::memcpy(&s, config, length);
  const T* x = static_cast<const T*>(in[0]);
  T* y = static_cast<T*>(result);
  const int64_t size = s.length * s.inner;
  for (int64_t i = 0; i < s.outer;) {
    const int64_t rows = s.inner > 1 || s.outer - i < 4 ? 1 : 4;
    if (s.inner > 1) downColumns(s, x + i * size, y + i * size);
    else if (rows == 1) alongRows<1>(s, x + i * size, y + i * size);
    else alongRows<4>(s, x + i * size, y + i * size);
    i += rows;
  }
}

}  // namespace

const DirectCalls prefixSumCalls{prefixSum<float>, prefixSum<double>};

}  // namespace widenet
