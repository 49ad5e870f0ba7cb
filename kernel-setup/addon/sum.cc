// Prefix sums of compiled loops, and sums of the rows of a matrix.
#include "library.h"

#include <cstring>
#include <vector>

OPTIMIZE("O3")

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

// y [columns] = the sum of the rows of x, four at a time, and of so many of these sums at a time: rounding errors grow
// with the number of those, not with that of the rows.
template <class T>
INLINED void sumRows(int64_t rows, int64_t columns, const T* __restrict x, T* __restrict part, T* __restrict y) {
  constexpr int64_t some = 256;
  std::fill_n(y, columns, T(0));
  for (int64_t from = 0; from < rows; from += some) {
    const int64_t to = std::min(rows, from + some);
    std::fill_n(part, columns, T(0));
    int64_t i = from;
    for (; i + 4 <= to; i += 4) {
      const T* row = x + i * columns;
      for (int64_t j = 0; j < columns; j++)
        part[j] += (row[j] + row[columns + j]) + (row[2 * columns + j] + row[3 * columns + j]);
    }
    for (; i < to; i++)
      for (int64_t j = 0; j < columns; j++) part[j] += x[i * columns + j];
    for (int64_t j = 0; j < columns; j++) y[j] += part[j];
  }
}
VECTORS void rowsOf(int64_t n, int64_t m, const float* x, float* part, float* y) { sumRows(n, m, x, part, y); }
VECTORS void rowsOf(int64_t n, int64_t m, const double* x, double* part, double* y) { sumRows(n, m, x, part, y); }

// The rows are cut into pieces, the same ones whatever the threads, so that these change no bit.
ffi::Error columnSum(ffi::ThreadPool pool, ffi::AnyBuffer x, ffi::Result<ffi::AnyBuffer> y, int64_t rows,
                     int64_t pieces, bool mean) {
  const int64_t columns = y->element_count(), piece = (rows + pieces - 1) / pieces;
  return byType(x, [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.typed_data<T>();
    std::vector<T> sums(2 * pieces * columns);
    T* to = sums.data();
    share(pool, pieces, [=](int64_t task) {
      const int64_t begin = std::min(rows, task * piece), count = std::min(rows, begin + piece) - begin;
      T* own = to + 2 * task * columns;
      rowsOf(count, columns, from + begin * columns, own + columns, own);
    });
    T* result = y->template typed_data<T>();
    for (int64_t j = 0; j < columns; j++) {
      T sum = 0;
      for (int64_t task = 0; task < pieces; task++) sum += to[2 * task * columns + j];
      result[j] = mean ? sum / T(rows) : sum;
    }
  });
}

XLA_FFI_DEFINE_HANDLER(handleColumnSum, columnSum,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
                           .Attr<int64_t>("rows").Attr<int64_t>("pieces").Attr<bool>("mean"));

}  // namespace

XLA_FFI_Handler* const columnSumHandler = reinterpret_cast<XLA_FFI_Handler*>(handleColumnSum);
const DirectCalls prefixSumCalls{prefixSum<float>, prefixSum<double>};

}  // namespace widenet
