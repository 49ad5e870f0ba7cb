// Discrete Fourier transforms of compiled loops, along the last axis: of 2^k complex numbers, and of series of 2^k real
// ones, as transforms of half as many complex numbers.
#include "library.h"

#include <cmath>
#include <complex>
#include <map>
#include <mutex>
#include <vector>

OPTIMIZE("fp-contract=fast")

#include "fourier.h"

namespace widenet {
namespace {

// exp(-2 pi i k / n), n a multiple of 4: from an angle of at most 45 degrees, whose rounding counts least.
std::complex<double> root(int64_t k, int64_t n) {
  k %= n;
  if (k > n / 2) return std::conj(root(n - k, n));
  if (k > n / 4) return -std::conj(root(n / 2 - k, n));
  if (8 * k <= n) return std::polar(1.0, -2 * std::acos(-1.0) * double(k) / double(n));
  const std::complex<double> other = root(n / 4 - k, n);
  return {-other.imag(), -other.real()};
}

// The roots of unity that the transforms of n complex numbers need, of each pass and of the real series of 2 n.
template <class T> struct Roots {
  std::vector<T> first, inner, re, im;

  explicit Roots(int64_t n) {
    for (int64_t p = 0; p < n / 4; p += 4)
      for (int k = 1; k < 4; k++) {
        for (int l = 0; l < 4; l++) first.push_back(T(root(k * (p + l), n).real()));
        for (int l = 0; l < 4; l++) first.push_back(T(root(k * (p + l), n).imag()));
      }
    for (int64_t length = n / 4; length > 4; length /= 4)
      for (int64_t p = 0; p < length / 4; p++)
        for (int k = 1; k < 4; k++) {
          inner.push_back(T(root(k * p, length).real()));
          inner.push_back(T(root(k * p, length).imag()));
        }
    for (int64_t k = 0; k <= n / 2; k++) {
      re.push_back(T(root(k, 2 * n).real()));
      im.push_back(T(root(k, 2 * n).imag()));
    }
  }

  // They stay with the process: those of all lengths together take twice the memory of those of the longest.
  static const Roots& of(int64_t n) {
    static std::mutex mutex;
    static std::map<int64_t, Roots> known;
    const std::lock_guard<std::mutex> lock(mutex);
    return known.try_emplace(n, n).first->second;
  }
};

// A transform of n complex numbers, and two arrays for it. A gap between these keeps entries that are read together
// from the same place of the processor's cache.
template <class T> struct Transform {
  int64_t n;
  const Roots<T>& roots;
  std::vector<T> memory;
  Apart<T> a, b;

  explicit Transform(int64_t n) : n(n), roots(Roots<T>::of(n)), memory(4 * (n + gap) + gap) {
    const auto misplaced = reinterpret_cast<uintptr_t>(memory.data()) % 64 / sizeof(T);
    T* const begin = memory.data() + (gap - misplaced) % gap;
    a = {begin, begin + n + gap}, b = {begin + 2 * (n + gap), begin + 3 * (n + gap)};
  }

  // From anywhere but `a` to anywhere.
  template <class From, class To> INLINED void operator()(const From& from, const To& to) const {
    constexpr int wide = 32 / sizeof(T), end = std::is_same_v<To, Apart<T>> ? wide : 4;
    firstPass<T>(n / 4, roots.first.data(), from, a);
    Apart<T> x = a, y = b;
    const T* inner = roots.inner.data();
    int64_t s = 4, length = n / 4;
    for (; length > 4; inner += 6 * (length / 4), length /= 4, s *= 4) {
      if (s < wide) innerPass<4>(length / 4, s, inner, x, y);
      else innerPass<wide>(length / 4, s, inner, x, y);
      std::swap(x, y);
    }
    if (s < end) lastPass<4>(length, s, x, to);
    else lastPass<end>(length, s, x, to);
  }

 private:
  static constexpr int64_t gap = 64 / sizeof(T);
};

template <class T> INLINED Complex<Wide<T, 4>> reversed(Complex<Wide<T, 4>> z) {
  return {PICK(z.re, z.re, 3, 2, 1, 0), PICK(z.im, z.im, 3, 2, 1, 0)};
}

// From the transform Z of x[2 j] + i x[2 j + 1] to the transform X of x: X[k] and X[n - k] from Z[k] and Z[n - k].
struct ToReal {
  template <class V> INLINED void operator()(Complex<V> w, Complex<V>& a, Complex<V>& b) const {
    a = {a.re / 2, a.im / 2}, b = {b.re / 2, b.im / 2};
    const Complex<V> even{a.re + b.re, a.im - b.im}, odd = w * Complex<V>{a.im + b.im, b.re - a.re};
    a = even + odd, b = {even.re - odd.re, odd.im - even.im};
  }
};
// And back: 2 Z[k] and 2 Z[n - k].
struct FromReal {
  template <class V> INLINED void operator()(Complex<V> w, Complex<V>& a, Complex<V>& b) const {
    const Complex<V> even{a.re + b.re, a.im - b.im};
    const Complex<V> odd = Complex<V>{w.re, -w.im} * Complex<V>{a.re - b.re, a.im + b.im};
    a = {even.re - odd.im, even.im + odd.re}, b = {even.re + odd.im, odd.re - even.im};
  }
};

// y[k] and y[n - k] from x[k] and x[n - k], for k = 1 to n / 2.
template <class T, class F, class From, class To>
INLINED void inPairs(int64_t n, const Roots<T>& roots, F f, const From& x, const To& y) {
  for (int64_t k = 1; k <= n / 2; k += 4) {
    auto a = x.template get<4>(k), b = reversed<T>(x.template get<4>(n - k - 3));
    f(Complex<Wide<T, 4>>{read<4>(roots.re.data() + k), read<4>(roots.im.data() + k)}, a, b);
    y.template put<4>(k, a), y.template put<4>(n - k - 3, reversed<T>(b));
  }
}

template <class T> INLINED void realForward(const Transform<T>& transform, T* x, T* y) {
  const int64_t n = transform.n;
  const Apart<T> z = transform.b;
  transform(Pairs<T, false>{x, 1}, z);
  inPairs(n, transform.roots, ToReal(), z, Pairs<T, false>{y, 1});
  y[0] = z.re[0] + z.im[0], y[2 * n] = z.re[0] - z.im[0];
  y[1] = y[2 * n + 1] = 0;
}

template <class T> INLINED void realBackward(const Transform<T>& transform, T* x, T* y) {
  const int64_t n = transform.n;
  const Apart<T> z = transform.b;
  inPairs(n, transform.roots, FromReal(), Pairs<T, false>{x, 1}, z);
  z.re[0] = x[0] + x[2 * n], z.im[0] = x[0] - x[2 * n];
  transform(Apart<T>{z.im, z.re}, Pairs<T, true>{y, T(1) / T(2 * n)});
}

// Transforms of `rows` series, one after the other, each of n complex numbers, or of 2 n real ones.
struct Series {
  bool real, inverse;
  int64_t n, rows;
  int64_t from() const { return 2 * n + (real && inverse ? 2 : 0); }
  int64_t to() const { return 2 * n + (real && !inverse ? 2 : 0); }
};

template <class T> INLINED void transformAll(const Series& series, T* x, T* y) {
  const int64_t n = series.n;
  const Transform<T> transform(n);
  for (int64_t row = 0; row < series.rows; row++, x += series.from(), y += series.to()) {
    if (series.real && series.inverse) realBackward(transform, x, y);
    else if (series.real) realForward(transform, x, y);
    else if (series.inverse) transform(Pairs<T, true>{x, 1}, Pairs<T, true>{y, T(1) / T(n)});
    else transform(Pairs<T, false>{x, 1}, Pairs<T, false>{y, 1});
  }
}
VECTORS void transformOf(const Series& series, float* x, float* y) { transformAll(series, x, y); }
VECTORS void transformOf(const Series& series, double* x, double* y) { transformAll(series, x, y); }

template <class T> void transformPieces(ffi::ThreadPool& pool, const Series& series, int64_t pieces, void* x, void* y) {
  share(pool, pieces, [=](int64_t piece) {
    const int64_t begin = series.rows * piece / pieces, end = series.rows * (piece + 1) / pieces;
    transformOf({series.real, series.inverse, series.n, end - begin}, static_cast<T*>(x) + begin * series.from(),
                static_cast<T*>(y) + begin * series.to());
  });
}

ffi::Error fourier(ffi::ThreadPool pool, ffi::AnyBuffer x, ffi::Result<ffi::AnyBuffer> y, bool real, bool inverse,
                   int64_t n, int64_t rows, int64_t pieces) {
  const bool isDouble = x.element_type() == ffi::F64 || x.element_type() == ffi::C128;
  const auto all = isDouble ? transformPieces<double> : transformPieces<float>;
  all(pool, {real, inverse, n, rows}, pieces, x.untyped_data(), y->untyped_data());
  return ffi::Error::Success();
}

XLA_FFI_DEFINE_HANDLER(handleFourier, fourier,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
                           .Attr<bool>("real").Attr<bool>("inverse").Attr<int64_t>("n").Attr<int64_t>("rows")
                           .Attr<int64_t>("pieces"));

}  // namespace

XLA_FFI_Handler* const fourierHandler = reinterpret_cast<XLA_FFI_Handler*>(handleFourier);

}  // namespace widenet
