// Products a^T (a x) of a matrix, its transpose and a vector, as in normal equations: the matrix is read once.
#include "library.h"

#include <vector>

OPTIMIZE("fp-contract=fast")

namespace widenet {
namespace {

// So many entries of a row, and sums of rows, are added up as they are; what comes of them is added up in doubles, so
// that rounding errors do not grow with the matrix.
constexpr int64_t some = 1024, group = 64;

// sum [k] += a^T (a x) of R rows of a [R, k], which are still in the cache when they are read again.
template <int R, class T>
INLINED void someRows(int64_t k, const T* __restrict a, const T* __restrict x, T* __restrict sum) {
  using Vector = typename Lanes<T>::type;
  constexpr int64_t width = sizeof(Vector) / sizeof(T);
  const int64_t whole = k / width * width;
  double exact[R] = {};
  for (int64_t from = 0; from < whole; from += some) {
    Vector sums[R] = {};
    for (int64_t j = from; j < std::min(whole, from + some); j += width) {
      const Vector at = *reinterpret_cast<const Vector*>(x + j);
#pragma GCC unroll 4
      for (int r = 0; r < R; r++) sums[r] += at * *reinterpret_cast<const Vector*>(a + r * k + j);
    }
    for (int r = 0; r < R; r++)
      for (int64_t l = 0; l < width; l++) exact[r] += sums[r][l];
  }
  T ax[R];
  for (int r = 0; r < R; r++) {
    for (int64_t j = whole; j < k; j++) exact[r] += a[r * k + j] * x[j];
    ax[r] = T(exact[r]);
  }
  for (int64_t j = 0; j < whole; j += width) {
    Vector* to = reinterpret_cast<Vector*>(sum + j);
    Vector all = *to;
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) all += ax[r] * *reinterpret_cast<const Vector*>(a + r * k + j);
    *to = all;
  }
  for (int64_t j = whole; j < k; j++)
    for (int r = 0; r < R; r++) sum[j] += ax[r] * a[r * k + j];
}

// y [k] += a^T (a x) for a [n, k].
template <class T>
INLINED void allRows(int64_t n, int64_t k, const T* a, const T* x, T* sum, double* y) {
  for (int64_t from = 0; from < n; from += group) {
    const int64_t end = std::min(n, from + group);
    std::fill_n(sum, k, T(0));
    int64_t i = from;
    for (; i + 4 <= end; i += 4) someRows<4>(k, a + i * k, x, sum);
    for (; i < end; i++) someRows<1>(k, a + i * k, x, sum);
    for (int64_t j = 0; j < k; j++) y[j] += sum[j];
  }
}
VECTORS void rowsOf(int64_t n, int64_t k, const float* a, const float* x, float* sum, double* y) {
  allRows(n, k, a, x, sum, y);
}
VECTORS void rowsOf(int64_t n, int64_t k, const double* a, const double* x, double* sum, double* y) {
  allRows(n, k, a, x, sum, y);
}

// The rows are cut into pieces, the same ones whatever the threads, so that these change no bit.
ffi::Error normal(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer x, ffi::Result<ffi::AnyBuffer> y,
                  int64_t pieces) {
  const int64_t n = a.dimensions()[0], k = a.dimensions()[1], piece = (n + pieces - 1) / pieces;
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    std::vector<double> sums(pieces * k);
    std::vector<T> parts(pieces * k);
    const T *from = a.typed_data<T>(), *vector = x.typed_data<T>();
    double* to = sums.data();
    T* part = parts.data();
    share(pool, pieces, [=](int64_t task) {
      const int64_t begin = std::min(n, task * piece), rows = std::min(n, begin + piece) - begin;
      rowsOf(rows, k, from + begin * k, vector, part + task * k, to + task * k);
    });
    T* result = y->template typed_data<T>();
    for (int64_t j = 0; j < k; j++) {
      double sum = 0;
      for (int64_t task = 0; task < pieces; task++) sum += to[task * k + j];
      result[j] = T(sum);
    }
  });
}

XLA_FFI_DEFINE_HANDLER(handleNormal, normal,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()
                           .Ret<ffi::AnyBuffer>().Attr<int64_t>("pieces"));

}  // namespace

XLA_FFI_Handler* const normalHandler = reinterpret_cast<XLA_FFI_Handler*>(handleNormal);

}  // namespace widenet
