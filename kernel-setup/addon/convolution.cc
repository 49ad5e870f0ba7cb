// Convolutions of images [batch, height, width, channels] and their gradients, as sums of products that read their
// matrices where they lie: a filter's row of an image is kw * channels entries side by side.
#include "library.h"

#include <cstring>
#include <vector>

OPTIMIZE("fp-contract=fast")

namespace widenet {
namespace {

// c [m, n] = the sum over p < outer and l < inner of a[i down + p outerA + l along] b[p outerB + l ldb + j], added to c
// if `adds`; the rows of c lie ldc apart.
struct Sum { int64_t m, n, outer, inner, down, outerA, along, outerB, ldb, ldc; bool adds; };

template <int R, int V, class T>
INLINED void tile(const Sum& s, const T* a, const T* b, T* c) {
  using Vector = typename Lanes<T>::type;
  Vector sums[R][V] = {};
  if (s.adds)
    for (int r = 0; r < R; r++)
      for (int v = 0; v < V; v++) sums[r][v] = reinterpret_cast<const Vector*>(c + r * s.ldc)[v];
  for (int64_t p = 0; p < s.outer; p++, a += s.outerA, b += s.outerB)
    for (int64_t l = 0; l < s.inner; l++) {
      const Vector* row = reinterpret_cast<const Vector*>(b + l * s.ldb);
#pragma GCC unroll 12
      for (int r = 0; r < R; r++) {
        const T factor = a[r * s.down + l * s.along];
        for (int v = 0; v < V; v++) sums[r][v] += factor * row[v];
      }
    }
  for (int r = 0; r < R; r++)
    for (int v = 0; v < V; v++) reinterpret_cast<Vector*>(c + r * s.ldc)[v] = sums[r][v];
}

// R rows at a time, V vectors wide; those that are left one by one. Gives the next column.
template <int R, int V, class T>
INLINED int64_t columns(const Sum& s, int64_t from, const T* a, const T* b, T* c) {
  constexpr int64_t width = V * sizeof(typename Lanes<T>::type) / sizeof(T);
  int64_t j = from;
  for (; j + width <= s.n; j += width) {
    int64_t i = 0;
    for (; i + R <= s.m; i += R) tile<R, V>(s, a + i * s.down, b + j, c + i * s.ldc + j);
    for (; i + 2 <= s.m; i += 2) tile<2, V>(s, a + i * s.down, b + j, c + i * s.ldc + j);
    for (; i < s.m; i++) tile<1, V>(s, a + i * s.down, b + j, c + i * s.ldc + j);
  }
  return j;
}

template <class T>
INLINED void add(const Sum& s, const T* a, const T* b, T* c) {
  // As many sums at a time as the processor has registers for.
  const int64_t left = columns<12, 1>(s, columns<6, 2>(s, 0, a, b, c), a, b, c);
  for (int64_t j = left; j < s.n; j++)
    for (int64_t i = 0; i < s.m; i++) {
      T sum = s.adds ? c[i * s.ldc + j] : 0;
      for (int64_t p = 0; p < s.outer; p++)
        for (int64_t l = 0; l < s.inner; l++)
          sum += a[i * s.down + p * s.outerA + l * s.along] * b[p * s.outerB + l * s.ldb + j];
      c[i * s.ldc + j] = sum;
    }
}

VECTORS void sum(const Sum& s, const float* a, const float* b, float* c) { add(s, a, b, c); }
VECTORS void sum(const Sum& s, const double* a, const double* b, double* c) { add(s, a, b, c); }

// x [batch, h, w, ci] with a filter [kh, kw, ci, co] makes y [batch, oh, ow, co]; sh and sw are its strides, and `top`
// and `left` count the zeros before the first row and column.
struct Sizes { int64_t batch, h, w, ci, kh, kw, oh, ow, co, sh, sw, top, left; };

Sizes sizesOf(const ffi::AnyBuffer& x, const ffi::AnyBuffer& filter, const ffi::AnyBuffer& y, int64_t sh, int64_t sw,
              int64_t top, int64_t left) {
  const auto a = x.dimensions(), k = filter.dimensions(), b = y.dimensions();
  return {a[0], a[1], a[2], a[3], k[0], k[1], b[1], b[2], k[3], sh, sw, top, left};
}

// An image [h, w, channels] in [rows, columns, channels], `top` rows and `left` columns from its begin, among zeros.
template <class T>
const T* framed(const T* image, int64_t h, int64_t w, int64_t channels, int64_t rows, int64_t columns, int64_t top,
                int64_t left) {
  thread_local std::vector<T> frame;
  frame.assign(rows * columns * channels, T(0));
  const int64_t width = std::min(w, columns - left) * channels;
  for (int64_t y = 0; y < std::min(h, rows - top) && width > 0; y++)
    std::memcpy(&frame[((y + top) * columns + left) * channels], image + y * w * channels, width * sizeof(T));
  return frame.data();
}

// As much of an image, with the zeros around it, as filters read.
struct Window { int64_t rows, columns; };
Window window(const Sizes& s) { return {(s.oh - 1) * s.sh + s.kh, (s.ow - 1) * s.sw + s.kw}; }

template <class T>
void forward(ffi::ThreadPool& pool, const Sizes& s, const T* x, const T* filter, T* y) {
  const Window in = window(s);
  const Sum row{s.ow, s.co, s.kh,          s.kw * s.ci, s.sw * s.ci, in.columns * s.ci,
                1,    s.kw * s.ci * s.co, s.co,        s.co,        false};
  share(pool, s.batch, [=](int64_t item) {
    const T* from = framed(x + item * s.h * s.w * s.ci, s.h, s.w, s.ci, in.rows, in.columns, s.top, s.left);
    for (int64_t r = 0; r < s.oh; r++)
      sum(row, from + r * s.sh * in.columns * s.ci, filter, y + (item * s.oh + r) * s.ow * s.co);
  });
}

// The images are cut into pieces, the same ones whatever the threads, so that these change no bit.
template <class T>
void filterGradient(ffi::ThreadPool& pool, const Sizes& s, int64_t pieces, const T* x, const T* dy, T* result) {
  const Window in = window(s);
  const int64_t entries = s.kh * s.kw * s.ci * s.co, piece = (s.batch + pieces - 1) / pieces;
  std::vector<T> others((pieces - 1) * entries, T(0));
  T* rest = others.data();
  share(pool, pieces, [=](int64_t task) {
    T* to = task == 0 ? result : rest + (task - 1) * entries;
    for (int64_t item = task * piece; item < std::min(s.batch, (task + 1) * piece); item++) {
      const T* from = framed(x + item * s.h * s.w * s.ci, s.h, s.w, s.ci, in.rows, in.columns, s.top, s.left);
      const Sum row{s.kw * s.ci, s.co, s.oh, s.ow, 1, s.sh * in.columns * s.ci, s.sw * s.ci, s.ow * s.co, s.co, s.co,
                    item > task * piece};
      for (int64_t q = 0; q < s.kh; q++)
        sum(row, from + q * in.columns * s.ci, dy + item * s.oh * s.ow * s.co, to + q * s.kw * s.ci * s.co);
    }
  });
  for (size_t i = 0; i < others.size(); i++) result[i % entries] += others[i];
}

// Along one axis, the pixels that the same places of a filter reach lie a stride apart: a phase. Of a filter's k places
// a phase has every stride-th one, in the order of what they read.
struct Phase { int64_t k, stride, at; int64_t places() const { return at < k ? (k - at + stride - 1) / stride : 0; }
               int64_t place(int64_t i) const { return at + stride * (places() - 1 - i); } };

template <class T>
void inputGradient(ffi::ThreadPool& pool, const Sizes& s, const T* filter, const T* dy, T* dx) {
  // By phases, [places down, places along, co, ci] each: the matrices that make a pixel's gradient of dy's pixels.
  std::vector<T> turned(s.kh * s.kw * s.co * s.ci);
  std::vector<const T*> matrices;
  T* to = turned.data();
  for (int64_t p = 0; p < s.sh; p++)
    for (int64_t q = 0; q < s.sw; q++) {
      matrices.push_back(to);
      const Phase down{s.kh, s.sh, p}, along{s.kw, s.sw, q};
      for (int64_t u = 0; u < down.places(); u++)
        for (int64_t v = 0; v < along.places(); v++)
          for (int64_t o = 0; o < s.co; o++)
            for (int64_t i = 0; i < s.ci; i++)
              *to++ = filter[((down.place(u) * s.kw + along.place(v)) * s.ci + i) * s.co + o];
    }
  const int64_t above = (s.kh - 1) / s.sh, before = (s.kw - 1) / s.sw;
  const int64_t rows = (s.h - 1 + s.top) / s.sh + 1 + above, columns = (s.w - 1 + s.left) / s.sw + 1 + before;
  share(pool, s.batch, [=, &matrices](int64_t item) {
    const T* from = framed(dy + item * s.oh * s.ow * s.co, s.oh, s.ow, s.co, rows, columns, above, before);
    for (int64_t y = 0; y < s.h; y++)
      for (int64_t q = 0; q < s.sw; q++) {
        const int64_t x = ((q - s.left) % s.sw + s.sw) % s.sw;
        const Phase down{s.kh, s.sh, (y + s.top) % s.sh}, along{s.kw, s.sw, q};
        const int64_t r = (y + s.top) / s.sh - (down.places() - 1) + above;
        const int64_t c = (x + s.left) / s.sw - (along.places() - 1) + before;
        const Sum row{(s.w - x + s.sw - 1) / s.sw, s.ci, down.places(), along.places() * s.co, s.co, columns * s.co, 1,
                      along.places() * s.co * s.ci, s.ci, s.sw * s.ci, false};
        if (row.m > 0)
          sum(row, from + (r * columns + c) * s.co, matrices[down.at * s.sw + q],
              dx + ((item * s.h + y) * s.w + x) * s.ci);
      }
  });
}

ffi::Error convolution(ffi::ThreadPool pool, ffi::AnyBuffer x, ffi::AnyBuffer filter, ffi::Result<ffi::AnyBuffer> y,
                       int64_t sh, int64_t sw, int64_t top, int64_t left) {
  const Sizes s = sizesOf(x, filter, *y, sh, sw, top, left);
  return byType(x, [&](auto zero) {
    using T = decltype(zero);
    forward(pool, s, x.typed_data<T>(), filter.typed_data<T>(), y->template typed_data<T>());
  });
}

ffi::Error toFilter(ffi::ThreadPool pool, ffi::AnyBuffer x, ffi::AnyBuffer dy, ffi::Result<ffi::AnyBuffer> filter,
                    int64_t sh, int64_t sw, int64_t top, int64_t left, int64_t pieces) {
  const Sizes s = sizesOf(x, *filter, dy, sh, sw, top, left);
  return byType(x, [&](auto zero) {
    using T = decltype(zero);
    filterGradient(pool, s, pieces, x.typed_data<T>(), dy.typed_data<T>(), filter->template typed_data<T>());
  });
}

ffi::Error toInput(ffi::ThreadPool pool, ffi::AnyBuffer filter, ffi::AnyBuffer dy, ffi::Result<ffi::AnyBuffer> x,
                   int64_t sh, int64_t sw, int64_t top, int64_t left) {
  const Sizes s = sizesOf(*x, filter, dy, sh, sw, top, left);
  return byType(dy, [&](auto zero) {
    using T = decltype(zero);
    inputGradient(pool, s, filter.typed_data<T>(), dy.typed_data<T>(), x->template typed_data<T>());
  });
}

auto bound() {
  return ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
      .Attr<int64_t>("sh").Attr<int64_t>("sw").Attr<int64_t>("top").Attr<int64_t>("left");
}

XLA_FFI_DEFINE_HANDLER(handleConvolution, convolution, bound());
XLA_FFI_DEFINE_HANDLER(handleToFilter, toFilter, bound().Attr<int64_t>("pieces"));
XLA_FFI_DEFINE_HANDLER(handleToInput, toInput, bound());

}  // namespace

XLA_FFI_Handler* const convolutionHandler = reinterpret_cast<XLA_FFI_Handler*>(handleConvolution);
XLA_FFI_Handler* const convolutionToFilterHandler = reinterpret_cast<XLA_FFI_Handler*>(handleToFilter);
XLA_FFI_Handler* const convolutionToInputHandler = reinterpret_cast<XLA_FFI_Handler*>(handleToInput);

}  // namespace widenet
