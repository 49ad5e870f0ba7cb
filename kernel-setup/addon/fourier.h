// The passes of a discrete Fourier transform of 4^k or 2 4^k complex numbers: Stockham's algorithm, decimation in
// frequency (Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992, section 1.7). Each reads one
// array and writes another, in the order in which the next one reads.
#pragma once
#include "library.h"

#include <cstring>
#include <type_traits>

// Four of the entries of two wide numbers.
#ifdef __clang__
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define PICK(a, b, ...) __builtin_shuffle(a, b, Indices<T>{__VA_ARGS__})
#endif

namespace widenet {

template <class T, int W> struct WideNumber { typedef T type __attribute__((vector_size(W * sizeof(T)))); };
template <class T, int W> using Wide = typename WideNumber<T, W>::type;
template <class T> using Indices = Wide<std::conditional_t<sizeof(T) == 8, int64_t, int32_t>, 4>;

template <int W, class T> INLINED Wide<T, W> read(const T* from) {
  Wide<T, W> value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}
template <class T, class V> INLINED void write(T* to, V value) { std::memcpy(to, &value, sizeof(value)); }

// One complex number, or as many as V is wide.
template <class V> struct Complex { V re, im; };
template <class V> INLINED Complex<V> operator+(Complex<V> a, Complex<V> b) { return {a.re + b.re, a.im + b.im}; }
template <class V> INLINED Complex<V> operator-(Complex<V> a, Complex<V> b) { return {a.re - b.re, a.im - b.im}; }
template <class U, class V> INLINED Complex<V> operator*(Complex<U> w, Complex<V> z) {
  return {w.re * z.re - w.im * z.im, w.re * z.im + w.im * z.re};
}

// Complex numbers whose real parts are next to each other, and their imaginary parts.
template <class T> struct Apart {
  T *re, *im;
  template <int W> INLINED Complex<Wide<T, W>> get(int64_t i) const { return {read<W>(re + i), read<W>(im + i)}; }
  template <int W> INLINED void put(int64_t i, Complex<Wide<T, W>> z) const {
    write(re + i, z.re), write(im + i, z.im);
  }
};

// Complex numbers as programs have them, the imaginary part after the real one, or before it, as i conj(z) has them.
// They are written `scale` times as large.
template <class T, bool Swapped> struct Pairs {
  T* at;
  T scale;
  template <int> INLINED Complex<Wide<T, 4>> get(int64_t i) const {
    const Wide<T, 4> a = read<4>(at + 2 * i), b = read<4>(at + 2 * i + 4);
    const Wide<T, 4> even = PICK(a, b, 0, 2, 4, 6), odd = PICK(a, b, 1, 3, 5, 7);
    return Swapped ? Complex<Wide<T, 4>>{odd, even} : Complex<Wide<T, 4>>{even, odd};
  }
  template <int> INLINED void put(int64_t i, Complex<Wide<T, 4>> z) const {
    const Wide<T, 4> even = scale * (Swapped ? z.im : z.re), odd = scale * (Swapped ? z.re : z.im);
    write(at + 2 * i, PICK(even, odd, 0, 4, 1, 5)), write(at + 2 * i + 4, PICK(even, odd, 2, 6, 3, 7));
  }
};

// The transform of four numbers, in place.
template <class C> INLINED void four(C& a, C& b, C& c, C& d) {
  const C e = a + c, f = a - c, g = b + d, h = b - d;
  a = e + g, b = {f.re + h.im, f.im - h.re}, c = e - g, d = {f.re - h.im, f.im + h.re};
}

// to [4 i + k] = v [k] [i].
template <class T> INLINED void interleave(T* to, Wide<T, 4> a, Wide<T, 4> b, Wide<T, 4> c, Wide<T, 4> d) {
  const Wide<T, 4> e = PICK(a, b, 0, 4, 1, 5), f = PICK(c, d, 0, 4, 1, 5);
  const Wide<T, 4> g = PICK(a, b, 2, 6, 3, 7), h = PICK(c, d, 2, 6, 3, 7);
  write(to, PICK(e, f, 0, 1, 4, 5)), write(to + 4, PICK(e, f, 2, 3, 6, 7));
  write(to + 8, PICK(g, h, 0, 1, 4, 5)), write(to + 12, PICK(g, h, 2, 3, 6, 7));
}

// The first pass, of m transforms of four, four at a time. Roots of unity: [m / 4, 3, re or im, 4].
template <class T, class From> INLINED void firstPass(int64_t m, const T* roots, const From& x, const Apart<T>& y) {
  using C = Complex<Wide<T, 4>>;
  for (int64_t p = 0; p < m; p += 4, roots += 24) {
    C a = x.template get<4>(p), b = x.template get<4>(p + m);
    C c = x.template get<4>(p + 2 * m), d = x.template get<4>(p + 3 * m);
    four(a, b, c, d);
    b = C{read<4>(roots), read<4>(roots + 4)} * b;
    c = C{read<4>(roots + 8), read<4>(roots + 12)} * c;
    d = C{read<4>(roots + 16), read<4>(roots + 20)} * d;
    interleave<T>(y.re + 4 * p, a.re, b.re, c.re, d.re);
    interleave<T>(y.im + 4 * p, a.im, b.im, c.im, d.im);
  }
}

// Another pass, of m transforms of four times s numbers, W of these at a time. Roots of unity: [m, 3, re or im].
template <int W, class T>
INLINED void innerPass(int64_t m, int64_t s, const T* roots, const Apart<T>& x, const Apart<T>& y) {
  for (int64_t p = 0; p < m; p++, roots += 6) {
    const Complex<T> u{roots[0], roots[1]}, v{roots[2], roots[3]}, w{roots[4], roots[5]};
    for (int64_t from = s * p, to = 4 * s * p; from < s * (p + 1); from += W, to += W) {
      auto a = x.template get<W>(from), b = x.template get<W>(from + s * m);
      auto c = x.template get<W>(from + 2 * s * m), d = x.template get<W>(from + 3 * s * m);
      four(a, b, c, d);
      y.template put<W>(to, a), y.template put<W>(to + s, u * b);
      y.template put<W>(to + 2 * s, v * c), y.template put<W>(to + 3 * s, w * d);
    }
  }
}

// The last pass, of one transform of `count`, two or four, times s numbers.
template <int W, class T, class To> INLINED void lastPass(int64_t count, int64_t s, const Apart<T>& x, const To& y) {
  for (int64_t q = 0; q < s; q += W) {
    auto a = x.template get<W>(q), b = x.template get<W>(q + s);
    if (count == 2) {
      y.template put<W>(q, a + b), y.template put<W>(q + s, a - b);
      continue;
    }
    auto c = x.template get<W>(q + 2 * s), d = x.template get<W>(q + 3 * s);
    four(a, b, c, d);
    y.template put<W>(q, a), y.template put<W>(q + s, b);
    y.template put<W>(q + 2 * s, c), y.template put<W>(q + 3 * s, d);
  }
}

}  // namespace widenet
