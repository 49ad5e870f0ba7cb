// Products of a matrix with its own transpose, in half the multiplications: they are symmetric, exactly so here.
#include "library.h"

namespace widenet {
namespace {

constexpr auto gemm(float) { return scipy_cblas_sgemm; }
constexpr auto gemm(double) { return scipy_cblas_dgemm; }
constexpr auto syrk(float) { return scipy_cblas_ssyrk; }
constexpr auto syrk(double) { return scipy_cblas_dsyrk; }

// The entries right of the diagonal in the columns from `begin` to `end`, from those below it; square by square, since
// it is memory that takes time.
template <class T>
void mirror(int64_t n, int64_t begin, int64_t end, T* c) {
  constexpr int64_t side = 16;
  for (int64_t top = begin; top < end; top += side)
    for (int64_t left = 0; left < end && left <= top; left += side)
      for (int64_t i = top; i < std::min(end, top + side); i++)
        for (int64_t j = left; j < std::min(i, left + side); j++) c[j * n + i] = c[i * n + j];
}

// c [n, n] = a a^T with a [n, k], or with a the transpose of what is stored (ta).
template <class T>
struct Gram {
  int64_t n, k;
  bool ta;

  // The rows from `begin` to `end`, up to the diagonal, and what mirrors them.
  void rows(int64_t begin, int64_t end, const T* a, T* c) const {
    const CBLAS_TRANSPOSE own = ta ? CblasTrans : CblasNoTrans, other = ta ? CblasNoTrans : CblasTrans;
    const int64_t lda = ta ? n : k;
    const T* from = a + (ta ? begin : begin * lda);
    if (begin > 0)
      gemm(T())(CblasRowMajor, own, other, end - begin, begin, k, T(1), from, lda, a, lda, T(0), c + begin * n, n);
    syrk(T())(CblasRowMajor, CblasLower, own, end - begin, k, T(1), from, lda, T(0), c + begin * n + begin, n);
    mirror(n, begin, end, c);
  }
};

// Each matrix is cut into pieces of rows, the same ones whatever the threads, so that these change no bit. The lower a
// piece, the more work it is: it is begun earlier.
ffi::Error gram(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::Result<ffi::AnyBuffer> c, bool ta, int64_t pieces) {
  const auto shape = a.dimensions();
  const size_t rank = shape.size();
  const int64_t n = shape[ta ? rank - 1 : rank - 2], k = shape[ta ? rank - 2 : rank - 1];
  const int64_t piece = ((n + pieces - 1) / pieces + 15) / 16 * 16, count = (n + piece - 1) / piece;
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    const T* from = a.typed_data<T>();
    T* to = c->template typed_data<T>();
    share(pool, matrices(shape) * count, [=](int64_t task) {
      const int64_t item = task / count, begin = (count - 1 - task % count) * piece;
      Gram<T>{n, k, ta}.rows(begin, std::min(n, begin + piece), from + item * n * k, to + item * n * n);
    });
  });
}

XLA_FFI_DEFINE_HANDLER(handleGram, gram,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
                           .Attr<bool>("ta").Attr<int64_t>("pieces"));

}  // namespace

XLA_FFI_Handler* const gramHandler = reinterpret_cast<XLA_FFI_Handler*>(handleGram);

}  // namespace widenet
