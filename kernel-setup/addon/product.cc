// Matrix products of compiled loops.
#include "library.h"

#include <cstring>
#include <vector>

OPTIMIZE("fp-contract=fast")

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

// Products with a side of at most so many entries. OpenBLAS packs its matrices for large products: it takes up to twice
// as long for 2, as long for 10.
constexpr int64_t thin = 6;

// c [R, n] = scale a b + keep c; entry (r, l) of a is a[r down + l along].
template <int R, class T>
INLINED void someRows(int64_t n, int64_t k, T scale, const T* a, int64_t down, int64_t along, const T* b, int64_t ldb,
                      T keep, T* c, int64_t ldc) {
  using Vector = typename Lanes<T>::type;
  constexpr int64_t width = 2 * sizeof(Vector) / sizeof(T);
  int64_t j = 0;
  for (; j + width <= n; j += width) {
    Vector sums[2][R] = {};
    for (int64_t l = 0; l < k; l++) {
      const Vector* row = reinterpret_cast<const Vector*>(b + l * ldb + j);
      const Vector left = row[0], right = row[1];
#pragma GCC unroll 6
      for (int r = 0; r < R; r++) {
        const T factor = a[r * down + l * along];
        sums[0][r] += factor * left;
        sums[1][r] += factor * right;
      }
    }
#pragma GCC unroll 6
    for (int r = 0; r < R; r++) {
      Vector* to = reinterpret_cast<Vector*>(c + r * ldc + j);
      to[0] = keep == 0 ? scale * sums[0][r] : scale * sums[0][r] + keep * to[0];
      to[1] = keep == 0 ? scale * sums[1][r] : scale * sums[1][r] + keep * to[1];
    }
  }
  for (; j < n; j++) {
    for (int r = 0; r < R; r++) {
      T sum = 0;
      for (int64_t l = 0; l < k; l++) sum += a[r * down + l * along] * b[l * ldb + j];
      T* to = c + r * ldc + j;
      *to = keep == 0 ? scale * sum : scale * sum + keep * *to;
    }
  }
}

// The same for m rows. A few rows of b at a time: as many as the processor foresees to be read side by side.
template <class T>
INLINED void allRows(int64_t m, int64_t n, int64_t k, T scale, const T* a, int64_t down, int64_t along, const T* b,
                     int64_t ldb, T keep, T* c, int64_t ldc) {
  static_assert(thin == 6, "one case for each count of rows");
  constexpr int64_t depth = 16;
  for (; k > 0; k -= depth, a += depth * along, b += depth * ldb, keep = 1) {
    const int64_t some = std::min(k, depth);
    for (int64_t i = 0; i < m; i += thin) {
      const T* from = a + i * down;
      T* to = c + i * ldc;
      switch (m - i) {
        case 1: someRows<1>(n, some, scale, from, down, along, b, ldb, keep, to, ldc); break;
        case 2: someRows<2>(n, some, scale, from, down, along, b, ldb, keep, to, ldc); break;
        case 3: someRows<3>(n, some, scale, from, down, along, b, ldb, keep, to, ldc); break;
        case 4: someRows<4>(n, some, scale, from, down, along, b, ldb, keep, to, ldc); break;
        case 5: someRows<5>(n, some, scale, from, down, along, b, ldb, keep, to, ldc); break;
        default: someRows<6>(n, some, scale, from, down, along, b, ldb, keep, to, ldc);
      }
    }
  }
}

VECTORS void wide(int64_t m, int64_t n, int64_t k, float scale, const float* a, int64_t down, int64_t along,
                  const float* b, int64_t ldb, float keep, float* c, int64_t ldc) {
  allRows(m, n, k, scale, a, down, along, b, ldb, keep, c, ldc);
}
VECTORS void wide(int64_t m, int64_t n, int64_t k, double scale, const double* a, int64_t down, int64_t along,
                  const double* b, int64_t ldb, double keep, double* c, int64_t ldc) {
  allRows(m, n, k, scale, a, down, along, b, ldb, keep, c, ldc);
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
  thread_local std::vector<T> turned;
  if (n <= thin && ta && m >= 16) {
    turned.resize(n * m);  // b^T a^T, whose rows are long
    wide(n, m, k, T(1), b, tb ? ldb : 1, tb ? 1 : ldb, a, lda, T(0), turned.data(), m);
    for (int64_t i = 0; i < m; i++)
      for (int64_t j = 0; j < n; j++)
        c[i * ldc + j] = scale * turned[j * m + i] + (keep == 0 ? 0 : keep * c[i * ldc + j]);
    return;
  }
  if (k <= thin && n >= 16) {
    turned.resize(tb ? k * n : 0);
    if (tb) Blas<T>::copy(CblasRowMajor, yes, n, k, 1, b, ldb, turned.data(), n);
    return wide(m, n, k, scale, a, ta ? 1 : lda, ta ? lda : 1, tb ? turned.data() : b, tb ? n : ldb, keep, c, ldc);
  }
  if (m <= thin && !tb && n >= 16) return wide(m, n, k, scale, a, ta ? 1 : lda, ta ? lda : 1, b, ldb, keep, c, ldc);
  if (!turns(ta, tb, m, n, k))
    return Blas<T>::gemm(CblasRowMajor, ta ? yes : no, tb ? yes : no, m, n, k, scale, a, lda, b, ldb, keep, c, ldc);
  turned.resize(k * n);
  Blas<T>::copy(CblasRowMajor, yes, n, k, 1, b, ldb, turned.data(), n);
  Blas<T>::gemm(CblasRowMajor, no, no, m, n, k, scale, a, lda, turned.data(), n, keep, c, ldc);
}

struct Sizes { int64_t m, n, k, count, pieces; bool ta, tb; };

// The longer side of each product is cut into pieces: the same ones whatever the threads, so that these change no bit.
// One of a short inner side is cut into rows, as XLA cuts what it does with them: a thread has its own at hand.
template <class T>
void products(ffi::ThreadPool& pool, const Sizes& s, T scale, const T* a, const T* b, T keep, T* c) {
  const bool byRows = s.m > s.n || (s.k <= thin && s.m >= 16 * s.pieces);
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
