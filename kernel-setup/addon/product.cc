// Matrix products of compiled loops.
#include "library.h"

#include <vector>

namespace widenet {
namespace {

template <class T> struct Blas;
template <> struct Blas<float> { static constexpr auto gemm = scipy_cblas_sgemm; static constexpr auto gemv = scipy_cblas_sgemv; };
template <> struct Blas<double> { static constexpr auto gemm = scipy_cblas_dgemm; static constexpr auto gemv = scipy_cblas_dgemv; };

// c [m, n] = scale a b + keep c, rows of the stored matrices lda, ldb and ldc entries apart; one column or row by the routine for vectors.
template <class T>
void multiply(bool ta, bool tb, int64_t m, int64_t n, int64_t k, T scale, const T* a, int64_t lda, const T* b, int64_t ldb, T keep, T* c, int64_t ldc) {
  const CBLAS_TRANSPOSE yes = CblasTrans, no = CblasNoTrans;
  if (n == 1) Blas<T>::gemv(CblasRowMajor, ta ? yes : no, ta ? k : m, ta ? m : k, scale, a, lda, b, tb ? 1 : ldb, keep, c, ldc);
  else if (m == 1) Blas<T>::gemv(CblasRowMajor, tb ? no : yes, tb ? n : k, tb ? k : n, scale, b, ldb, a, ta ? lda : 1, keep, c, 1);
  else Blas<T>::gemm(CblasRowMajor, ta ? yes : no, tb ? yes : no, m, n, k, scale, a, lda, b, ldb, keep, c, ldc);
}

struct Sizes { int64_t m, n, k, count, pieces; bool ta, tb; };

// The longer side of each product is cut into pieces: the same ones whatever the threads, so that these change no bit.
template <class T>
void products(ffi::ThreadPool& pool, const Sizes& s, T scale, const T* a, const T* b, T keep, T* c) {
  const bool byRows = s.m > s.n;
  const int64_t side = byRows ? s.m : s.n;
  const int64_t piece = ((side + s.pieces - 1) / s.pieces + 15) / 16 * 16;
  const int64_t pieces = (side + piece - 1) / piece;
  const int64_t lda = s.ta ? s.m : s.k, ldb = s.tb ? s.k : s.n;
  share(pool, s.count * pieces, [=](int64_t task) {
    const int64_t item = task / pieces, at = task % pieces * piece, by = std::min(piece, side - at);
    const int64_t atA = !byRows ? 0 : s.ta ? at : at * lda, atB = byRows ? 0 : s.tb ? at * ldb : at;
    multiply(s.ta, s.tb, byRows ? by : s.m, byRows ? s.n : by, s.k,
             scale, a + item * s.m * s.k + atA, lda, b + item * s.k * s.n + atB, ldb, keep, c + item * s.m * s.n + (byRows ? at * s.n : at), s.n);
  });
}

// c = scale a b + keep c, for a c of the given shape.
template <class T>
void compute(ffi::ThreadPool& pool, T scale, const ffi::AnyBuffer& a, const ffi::AnyBuffer& b, T keep, T* c, const ffi::AnyBuffer::Dimensions& shape, bool ta, bool tb, int64_t pieces) {
  const auto left = a.dimensions();
  const size_t rank = shape.size();
  const Sizes sizes{shape[rank - 2], shape[rank - 1], left[ta ? rank - 2 : rank - 1], matrices(shape), pieces, ta, tb};
  products(pool, sizes, scale, a.typed_data<T>(), b.typed_data<T>(), keep, c);
}

ffi::Error product(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer b, ffi::Result<ffi::AnyBuffer> c, bool ta, bool tb, int64_t pieces) {
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    compute(pool, T(1), a, b, zero, c->typed_data<T>(), c->dimensions(), ta, tb, pieces);
  });
}

// x + sign s a b in the place of x; `rest` is s, or nothing for 1.
ffi::Error update(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer b, ffi::AnyBuffer x, ffi::RemainingArgs rest, ffi::Result<ffi::AnyBuffer> c,
                  bool ta, bool tb, int64_t pieces, int64_t sign) {
  if (x.untyped_data() != c->untyped_data()) return ffi::Error(ffi::ErrorCode::kInternal, "an update has no place of its own");
  return byType(a, [&](auto one) {
    using T = decltype(one);
    const T scale = T(sign) * (rest.size() > 0 ? *rest.get<ffi::AnyBuffer>(0)->template typed_data<T>() : T(1));
    T* to = c->typed_data<T>();
    if (scale != 0) return compute(pool, scale, a, b, T(1), to, c->dimensions(), ta, tb, pieces);
    // OpenBLAS would leave a b out, and with it what is not finite there.
    std::vector<T> ab(c->element_count());
    compute(pool, T(1), a, b, T(0), ab.data(), c->dimensions(), ta, tb, pieces);
    for (size_t i = 0; i < ab.size(); i++) to[i] += scale * ab[i];
  });
}

XLA_FFI_DEFINE_HANDLER(handleProduct, product, ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
                       .Attr<bool>("ta").Attr<bool>("tb").Attr<int64_t>("pieces"));
XLA_FFI_DEFINE_HANDLER(handleUpdate, update, ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>().RemainingArgs()
                       .Ret<ffi::AnyBuffer>().Attr<bool>("ta").Attr<bool>("tb").Attr<int64_t>("pieces").Attr<int64_t>("sign"));

}  // namespace

XLA_FFI_Handler* const productHandler = reinterpret_cast<XLA_FFI_Handler*>(handleProduct);
XLA_FFI_Handler* const updateHandler = reinterpret_cast<XLA_FFI_Handler*>(handleUpdate);

}  // namespace widenet
