// Matrix products of compiled loops.
#include "library.h"

#include <cstring>
#include <vector>

namespace widenet {
namespace {

template <class T> struct Blas;
template <> struct Blas<float> {
  static constexpr auto gemm = scipy_cblas_sgemm;
  static constexpr auto gemv = scipy_cblas_sgemv;
  static constexpr auto copy = scipy_cblas_somatcopy;
};
template <> struct Blas<double> {
  static constexpr auto gemm = scipy_cblas_dgemm;
  static constexpr auto gemv = scipy_cblas_dgemv;
  static constexpr auto copy = scipy_cblas_domatcopy;
};

// Whether b is turned first. OpenBLAS computes small products without packing their matrices, but for those a b^T whose
// result is large or whose inner side is short; and packing takes memory under a lock, for which runs side by side
// would wait.
bool turns(bool ta, bool tb, int64_t m, int64_t n, int64_t k) {
  return tb && !ta && m >= 8 && m * n * k <= 1000000 && (m * n > 1200 || k < 32);
}

// c [m, n] = scale a b + keep c, rows of the stored matrices lda, ldb and ldc entries apart; one column or row by the
// routine for vectors.
template <class T>
void multiply(bool ta, bool tb, int64_t m, int64_t n, int64_t k, T scale, const T* a, int64_t lda, const T* b,
              int64_t ldb, T keep, T* c, int64_t ldc) {
  const CBLAS_TRANSPOSE yes = CblasTrans, no = CblasNoTrans;
  if (n == 1)
    return Blas<T>::gemv(CblasRowMajor, ta ? yes : no, ta ? k : m, ta ? m : k, scale, a, lda, b, tb ? 1 : ldb, keep, c,
                         ldc);
  if (m == 1)
    return Blas<T>::gemv(CblasRowMajor, tb ? no : yes, tb ? n : k, tb ? k : n, scale, b, ldb, a, ta ? lda : 1, keep, c,
                         1);
  if (!turns(ta, tb, m, n, k))
    return Blas<T>::gemm(CblasRowMajor, ta ? yes : no, tb ? yes : no, m, n, k, scale, a, lda, b, ldb, keep, c, ldc);
  thread_local std::vector<T> turned;
  turned.resize(k * n);
  Blas<T>::copy(CblasRowMajor, yes, n, k, 1, b, ldb, turned.data(), n);
  Blas<T>::gemm(CblasRowMajor, no, no, m, n, k, scale, a, lda, turned.data(), n, keep, c, ldc);
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
    multiply(s.ta, s.tb, byRows ? by : s.m, byRows ? s.n : by, s.k, scale, a + item * s.m * s.k + atA, lda,
             b + item * s.k * s.n + atB, ldb, keep, c + item * s.m * s.n + (byRows ? at * s.n : at), s.n);
  });
}

// to += scale a b, where compute(scale, keep, c) makes c = scale a b + keep c.
template <class T, class F>
void add(T scale, T* to, size_t count, F compute) {
  if (scale != 0) return compute(scale, T(1), to);
  // OpenBLAS would leave a b out, and with it what is not finite there.
  std::vector<T> ab(count);
  compute(T(1), T(0), ab.data());
  for (size_t i = 0; i < count; i++) to[i] += scale * ab[i];
}

Sizes sizesOf(const ffi::AnyBuffer& a, const ffi::AnyBuffer& c, int64_t pieces, bool ta, bool tb) {
  const auto left = a.dimensions(), shape = c.dimensions();
  const size_t rank = shape.size();
  return {shape[rank - 2], shape[rank - 1], left[ta ? rank - 2 : rank - 1], matrices(shape), pieces, ta, tb};
}

// a b
ffi::Error product(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer b, ffi::Result<ffi::AnyBuffer> c, bool ta,
                   bool tb, int64_t pieces) {
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    products(pool, sizesOf(a, *c, pieces, ta, tb), T(1), a.typed_data<T>(), b.typed_data<T>(), zero,
             c->typed_data<T>());
  });
}

// x + sign s a b in the place of x; `rest` is s, if scaled.
ffi::Error update(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer b, ffi::AnyBuffer x, ffi::RemainingArgs rest,
                  ffi::Result<ffi::AnyBuffer> c, bool ta, bool tb, int64_t pieces, int64_t sign, bool scaled) {
  if (x.untyped_data() != c->untyped_data())
    return ffi::Error(ffi::ErrorCode::kInternal, "an update has no place of its own");
  const Sizes sizes = sizesOf(a, *c, pieces, ta, tb);
  return byType(a, [&](auto one) {
    using T = decltype(one);
    const T scale = scaled ? T(sign) * *rest.get<ffi::AnyBuffer>(0)->template typed_data<T>() : T(sign);
    add(scale, c->typed_data<T>(), c->element_count(), [&](T scale, T keep, T* to) {
      products(pool, sizes, scale, a.typed_data<T>(), b.typed_data<T>(), keep, to);
    });
  });
}

// The same for one matrix in one piece, without what a call with buffers and threads costs: a tenth of a step of a
// small network.
struct Direct { int64_t m, n, k, ta, tb, sign, scaled; };

template <class T>
void compute(const Direct& s, const void** in, T scale, T keep, T* c) {
  multiply(s.ta, s.tb, s.m, s.n, s.k, scale, static_cast<const T*>(in[0]), s.ta ? s.m : s.k,
           static_cast<const T*>(in[1]), s.tb ? s.k : s.n, keep, c, s.n);
}

template <class T>
void productDirect(void* c, const void** in, const char* config, size_t length, void*) {
  Direct s;
  std::memcpy(&s, config, length);
  compute(s, in, T(1), T(0), static_cast<T*>(c));
}

template <class T>
void updateDirect(void* c, const void** in, const char* config, size_t length, void*) {
  Direct s;
  std::memcpy(&s, config, length);
  const T scale = s.scaled ? T(s.sign) * *static_cast<const T*>(in[3]) : T(s.sign);
  add(scale, static_cast<T*>(c), s.m * s.n, [&](T scale, T keep, T* to) { compute(s, in, scale, keep, to); });
}

XLA_FFI_DEFINE_HANDLER(handleProduct, product,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()
                           .Ret<ffi::AnyBuffer>().Attr<bool>("ta").Attr<bool>("tb").Attr<int64_t>("pieces"));
XLA_FFI_DEFINE_HANDLER(handleUpdate, update,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()
                           .Arg<ffi::AnyBuffer>().RemainingArgs().Ret<ffi::AnyBuffer>().Attr<bool>("ta")
                           .Attr<bool>("tb").Attr<int64_t>("pieces").Attr<int64_t>("sign").Attr<bool>("scaled"));

}  // namespace

const DirectCalls productCalls{productDirect<float>, productDirect<double>};
const DirectCalls updateCalls{updateDirect<float>, updateDirect<double>};
XLA_FFI_Handler* const productHandler = reinterpret_cast<XLA_FFI_Handler*>(handleProduct);
XLA_FFI_Handler* const updateHandler = reinterpret_cast<XLA_FFI_Handler*>(handleUpdate);

}  // namespace widenet
