// Matrix products of compiled loops.
#include "library.h"

namespace widenet {
namespace {

template <class T> struct Blas;
template <> struct Blas<float> { static constexpr auto gemm = scipy_cblas_sgemm; static constexpr auto gemv = scipy_cblas_sgemv; };
template <> struct Blas<double> { static constexpr auto gemm = scipy_cblas_dgemm; static constexpr auto gemv = scipy_cblas_dgemv; };

// c [m, n] = a b, rows of the stored matrices lda, ldb and ldc entries apart; one column or row by the routine for vectors.
template <class T>
void multiply(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T* c, int64_t ldc) {
  const CBLAS_TRANSPOSE yes = CblasTrans, no = CblasNoTrans;
  if (n == 1) Blas<T>::gemv(CblasRowMajor, ta ? yes : no, ta ? k : m, ta ? m : k, 1, a, lda, b, tb ? 1 : ldb, 0, c, ldc);
  else if (m == 1) Blas<T>::gemv(CblasRowMajor, tb ? no : yes, tb ? n : k, tb ? k : n, 1, b, ldb, a, ta ? lda : 1, 0, c, 1);
  else Blas<T>::gemm(CblasRowMajor, ta ? yes : no, tb ? yes : no, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
}

struct Sizes { int64_t m, n, k, count, pieces; bool ta, tb; };

// The longer side of each product is cut into pieces: the same ones whatever the threads, so that these change no bit.
template <class T>
void products(ffi::ThreadPool& pool, const Sizes& s, const T* a, const T* b, T* c) {
  const bool byRows = s.m > s.n;
  const int64_t side = byRows ? s.m : s.n;
  const int64_t piece = ((side + s.pieces - 1) / s.pieces + 15) / 16 * 16;
  const int64_t pieces = (side + piece - 1) / piece;
  const int64_t lda = s.ta ? s.m : s.k, ldb = s.tb ? s.k : s.n;
  share(pool, s.count * pieces, [=](int64_t task) {
    const int64_t item = task / pieces, at = task % pieces * piece, by = std::min(piece, side - at);
    const int64_t atA = !byRows ? 0 : s.ta ? at : at * lda, atB = byRows ? 0 : s.tb ? at * ldb : at;
    multiply(s.ta, s.tb, byRows ? by : s.m, byRows ? s.n : by, s.k,
             a + item * s.m * s.k + atA, lda, b + item * s.k * s.n + atB, ldb, c + item * s.m * s.n + (byRows ? at * s.n : at), s.n);
  });
}

ffi::Error product(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer b, ffi::Result<ffi::AnyBuffer> c, bool ta, bool tb, int64_t pieces) {
  const auto left = a.dimensions(), result = c->dimensions();
  const size_t rank = result.size();
  const Sizes sizes{result[rank - 2], result[rank - 1], left[ta ? rank - 2 : rank - 1], matrices(result), pieces, ta, tb};
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    products(pool, sizes, a.typed_data<T>(), b.typed_data<T>(), c->typed_data<T>());
  });
}

XLA_FFI_DEFINE_HANDLER(handler, product, ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
                       .Attr<bool>("ta").Attr<bool>("tb").Attr<int64_t>("pieces"));

}  // namespace

XLA_FFI_Handler* const productHandler = reinterpret_cast<XLA_FFI_Handler*>(handler);

}  // namespace widenet
