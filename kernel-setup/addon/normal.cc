// Products a^T (a x) of a matrix, its transpose and a vector, as in normal equations: the matrix is read once.
#include "library.h"

#include <vector>

OPTIMIZE("fp-contract=fast")

namespace widenet {
namespace {

// y [k] += a^T (a x) of R rows of a [R, k], which are still in the cache when they are read again.
template <int R, class T>
INLINED void someRows(int64_t k, const T* __restrict a, const T* __restrict x, T* __restrict y) {
  using Vector = typename Lanes<T>::type;
  constexpr int64_t width = sizeof(Vector) / sizeof(T);
  const int64_t whole = k / width * width;
  Vector sums[R] = {};
  for (int64_t j = 0; j < whole; j += width) {
    const Vector at = *reinterpret_cast<const Vector*>(x + j);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) sums[r] += at * *reinterpret_cast<const Vector*>(a + r * k + j);
  }
  T ax[R];
  for (int r = 0; r < R; r++) {
    ax[r] = 0;
    for (int64_t l = 0; l < width; l++) ax[r] += sums[r][l];
    for (int64_t j = whole; j < k; j++) ax[r] += a[r * k + j] * x[j];
  }
  for (int64_t j = 0; j < whole; j += width) {
    Vector* to = reinterpret_cast<Vector*>(y + j);
    Vector sum = *to;
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) sum += ax[r] * *reinterpret_cast<const Vector*>(a + r * k + j);
    *to = sum;
  }
  for (int64_t j = whole; j < k; j++)
    for (int r = 0; r < R; r++) y[j] += ax[r] * a[r * k + j];
}

template <class T>
INLINED void allRows(int64_t n, int64_t k, const T* a, const T* x, T* y) {
  int64_t i = 0;
  for (; i + 4 <= n; i += 4) someRows<4>(k, a + i * k, x, y);
  for (; i < n; i++) someRows<1>(k, a + i * k, x, y);
}
VECTORS void rowsOf(int64_t n, int64_t k, const float* a, const float* x, float* y) { allRows(n, k, a, x, y); }
VECTORS void rowsOf(int64_t n, int64_t k, const double* a, const double* x, double* y) { allRows(n, k, a, x, y); }

// The rows are cut into pieces, the same ones whatever the threads, so that these change no bit.
ffi::Error normal(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer x, ffi::Result<ffi::AnyBuffer> y,
                  int64_t pieces) {
  const int64_t n = a.dimensions()[0], k = a.dimensions()[1], piece = (n + pieces - 1) / pieces;
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> sums(pieces * k);
    const T *from = a.typed_data<T>(), *vector = x.typed_data<T>();
    T* to = sums.data();
    share(pool, pieces, [=](int64_t task) {
      const int64_t begin = std::min(n, task * piece), rows = std::min(n, begin + piece) - begin;
      rowsOf(rows, k, from + begin * k, vector, to + task * k);
    });
    T* result = y->template typed_data<T>();
    std::copy_n(to, k, result);
    for (int64_t task = 1; task < pieces; task++)
      for (int64_t j = 0; j < k; j++) result[j] += to[task * k + j];
  });
}

XLA_FFI_DEFINE_HANDLER(handleNormal, normal,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()
                           .Ret<ffi::AnyBuffer>().Attr<int64_t>("pieces"));

}  // namespace

XLA_FFI_Handler* const normalHandler = reinterpret_cast<XLA_FFI_Handler*>(handleNormal);

}  // namespace widenet
