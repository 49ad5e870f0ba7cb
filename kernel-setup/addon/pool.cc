// The largest entries of windows of images [batch, height, width, channels], and their gradient.
#include "library.h"

#include <cstring>
#include <limits>
#include <utility>
#include <vector>

OPTIMIZE("O3")

namespace widenet {
namespace {

// One pixel of a window: the largest entries so far; what is not a number stays so.
template <class T>
INLINED void keepLargest(int64_t count, const T* __restrict x, T* __restrict y) {
  for (int64_t i = 0; i < count; i++) y[i] = (x[i] > y[i]) | (x[i] != x[i]) ? x[i] : y[i];
}
VECTORS void largest(int64_t count, const float* x, float* y) { keepLargest(count, x, y); }
VECTORS void largest(int64_t count, const double* x, double* y) { keepLargest(count, x, y); }

// One pixel of a window: the first of the largest entries takes the gradient that is left.
template <class T>
INLINED void take(int64_t count, const T* __restrict x, const T* __restrict y,
                                                T* __restrict left, T* __restrict dx) {
  for (int64_t i = 0; i < count; i++) {
    const bool isLargest = x[i] == y[i];
    dx[i] += isLargest ? left[i] : T(0);
    left[i] = isLargest ? T(0) : left[i];
  }
}
VECTORS void taken(int64_t n, const float* x, const float* y, float* left, float* dx) { take(n, x, y, left, dx); }
VECTORS void taken(int64_t n, const double* x, const double* y, double* left, double* dx) { take(n, x, y, left, dx); }

// Windows [kh, kw], sh and sw apart, the first one `top` and `left` before the first pixel of x [h, w, channels].
struct Windows {
  int64_t batch, h, w, channels, oh, ow, kh, kw, sh, sw, top, left;

  // f(pixel, result) for the pixels of each window of an image, in order, as places of their first channel; before them
  // begin(result).
  template <class Begin, class F>
  void each(int64_t item, Begin begin, F f) const {
    for (int64_t r = 0; r < oh; r++)
      for (int64_t c = 0; c < ow; c++) {
        const int64_t y = r * sh - top, x = c * sw - left, result = ((item * oh + r) * ow + c) * channels;
        begin(result);
        for (int64_t i = std::max<int64_t>(y, 0); i < std::min(y + kh, h); i++)
          for (int64_t j = std::max<int64_t>(x, 0); j < std::min(x + kw, w); j++)
            f(((item * h + i) * w + j) * channels, result);
      }
  }
};

Windows windowsOf(const ffi::AnyBuffer& x, const ffi::AnyBuffer& y, int64_t kh, int64_t kw, int64_t sh, int64_t sw,
                  int64_t top, int64_t left) {
  const auto a = x.dimensions(), b = y.dimensions();
  return {a[0], a[1], a[2], a[3], b[1], b[2], kh, kw, sh, sw, top, left};
}

ffi::Error pool(ffi::ThreadPool threads, ffi::AnyBuffer images, ffi::Result<ffi::AnyBuffer> result, int64_t kh,
                int64_t kw, int64_t sh, int64_t sw, int64_t top, int64_t left) {
  const Windows s = windowsOf(images, *result, kh, kw, sh, sw, top, left);
  return byType(images, [&](auto zero) {
    using T = decltype(zero);
    const T* x = images.typed_data<T>();
    T* y = result->template typed_data<T>();
    share(threads, s.batch, [=](int64_t item) {
      s.each(item, [=](int64_t at) { std::fill_n(y + at, s.channels, -std::numeric_limits<T>::infinity()); },
             [=](int64_t from, int64_t to) { largest(s.channels, x + from, y + to); });
    });
  });
}

ffi::Error poolGradient(ffi::ThreadPool threads, ffi::AnyBuffer images, ffi::AnyBuffer pooled, ffi::AnyBuffer slope,
                        ffi::Result<ffi::AnyBuffer> result, int64_t kh, int64_t kw, int64_t sh, int64_t sw, int64_t top,
                        int64_t left) {
  const Windows s = windowsOf(images, pooled, kh, kw, sh, sw, top, left);
  return byType(images, [&](auto zero) {
    using T = decltype(zero);
    const T *x = images.typed_data<T>(), *y = pooled.typed_data<T>(), *dy = slope.typed_data<T>();
    T* dx = result->template typed_data<T>();
    share(threads, s.batch, [=](int64_t item) {
      std::vector<T> rest(s.channels);
      T* left = rest.data();
      std::fill_n(dx + item * s.h * s.w * s.channels, s.h * s.w * s.channels, T(0));
      s.each(item, [=](int64_t at) { std::memcpy(left, dy + at, s.channels * sizeof(T)); },
             [=](int64_t from, int64_t to) { taken(s.channels, x + from, y + to, left, dx + from); });
    });
  });
}

auto bound() { return ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>(); }
template <class B>
auto sized(B binding) {
  return std::move(binding).template Ret<ffi::AnyBuffer>().template Attr<int64_t>("kh").template Attr<int64_t>("kw")
      .template Attr<int64_t>("sh").template Attr<int64_t>("sw").template Attr<int64_t>("top")
      .template Attr<int64_t>("left");
}

XLA_FFI_DEFINE_HANDLER(handlePool, pool, sized(bound()));
XLA_FFI_DEFINE_HANDLER(handlePoolGradient, poolGradient,
                       sized(bound().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()));

}  // namespace

XLA_FFI_Handler* const poolHandler = reinterpret_cast<XLA_FFI_Handler*>(handlePool);
XLA_FFI_Handler* const poolGradientHandler = reinterpret_cast<XLA_FFI_Handler*>(handlePoolGradient);

}  // namespace widenet
