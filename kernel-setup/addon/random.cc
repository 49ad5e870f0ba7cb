// The generator of src/base/generator.ts, bit for bit: see there for the formulas. Built without contraction to fused
// multiply-adds.
#include "random.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <system_error>
#include <thread>
#include <utility>

// A function compiled for several processors, of which the widest that the machine has is taken as the addon is loaded.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTORS
#endif
#define INLINED inline __attribute__((always_inline))

namespace widenet {
namespace {

constexpr int rotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};

INLINED void threefry2x32(uint32_t k0, uint32_t k1, uint32_t c0, uint32_t c1, uint32_t out[2]) {
  const uint32_t keys[3] = {k0, k1, k0 ^ k1 ^ 0x1bd11bdau};
  uint32_t a = c0 + k0, b = c1 + k1;
#pragma GCC unroll 20
  for (int round = 0; round < 20; round++) {
    const int r = rotations[round & 7];
    a += b;
    b = ((b << r) | (b >> (32 - r))) ^ a;
    if ((round & 3) == 3) {
      const uint32_t s = (round + 1) >> 2;
      a += keys[s % 3];
      b += keys[(s + 1) % 3] + s;
    }
  }
  out[0] = a;
  out[1] = b;
}

INLINED double ofBits(uint64_t bits) {
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// log(x) for a normal number 0 < x < 1/2, without a branch.
INLINED double exactLog(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const double fraction = ofBits((bits & 0xfffffffffffff) | 0x3fe0000000000000);  // in [1/2, 1)
  const double exponent = ofBits((bits >> 52) | 0x4330000000000000) - 0x1p52;     // x = fraction 2^(exponent - 1022)
  const double scale = fraction < 0.70710678118654752 ? 2 : 1;
  const double m = scale * fraction;
  const double k = 1021 + scale - exponent;
  const double f = m - 1;
  const double s = f / (2 + f);
  const double z = s * s;
  const double w = z * z;
  const double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd =
      z * (6.666666666666735130e-01 +
           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const double half = 0.5 * f * f;
  return -(k * 6.93147180369123816490e-01 +
           ((half - (s * (half + (odd + even)) - k * 1.90821492927058770002e-10)) - f));
}

INLINED double rational(double r, const double p[8], const double q[8]) {
  double numerator = p[7], denominator = q[7];
#pragma GCC unroll 7
  for (int i = 6; i >= 0; i--) {
    numerator = numerator * r + p[i];
    denominator = denominator * r + q[i];
  }
  return numerator / denominator;
}

constexpr double centralP[8] = {
    3.3871328727963666080,    1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
    4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr double centralQ[8] = {
    1,                        4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
    2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3};
constexpr double middleP[8] = {
    1.42343711074968357734,    4.63033784615654529590,    5.76949722146069140550,    3.64784832476320460504,
    1.27045825245236838258,    2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double middleQ[8] = {
    1,                         2.05319162663775882187,    1.67638483018380384940,    6.89767334985100004550e-1,
    1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9};
constexpr double tailP[8] = {
    6.65790464350110377720,    5.46378491116411436990,    1.78482653991729133580,    2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double tailQ[8] = {
    1,                         5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
    7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15};

INLINED double uniformOf(const uint32_t words[2]) {
  return (words[0] * 1048576.0 + (words[1] >> 12) + 0.5) * 0x1p-52;
}

// The steps [from, to) of a draw.
struct Part {
  const Draw& draw;
  size_t from, to;
};

// f(words) for each number of each step, in order.
template <class T, class F>
void fill(const Part& part, T* values, F f) {
  const Draw& draw = part.draw;
  for (size_t s = part.from; s < part.to; s++) {
    for (uint32_t index = 0; index < draw.size; index++) {
      uint32_t words[2];
      threefry2x32(draw.seed, draw.stream, draw.numbers[s], index, words);
      *values++ = f(words);
    }
  }
}

template <class T>
void uniforms(const Part& part, T* values) {
  const T below = std::nextafter(T(1), T(0));
  fill(part, values, [&](const uint32_t words[2]) { return std::min(static_cast<T>(uniformOf(words)), below); });
}

// Many numbers at a time, each as by itself: plain loops without branches, which the compiler makes vectors of.
constexpr uint32_t batch = 256;

// Normals of the indices from `first` on.
VECTORS void quantiles(const Draw& draw, uint32_t step, uint32_t first, double* x) {
  uint32_t high[batch], low[batch], tails[batch];
  double u[batch], v[batch], r[batch], y[batch];
  for (uint32_t i = 0; i < batch; i++) {
    uint32_t words[2];
    threefry2x32(draw.seed, draw.stream, step, first + i, words);
    high[i] = words[0];
    low[i] = words[1];
  }
  for (uint32_t i = 0; i < batch; i++) {
    const uint32_t words[2] = {high[i], low[i]};
    u[i] = uniformOf(words);
  }
  for (uint32_t i = 0; i < batch; i++) {
    const double q = u[i] - 0.5;
    x[i] = q * rational(0.180625 - q * q, centralP, centralQ);
  }
  uint32_t count = 0;  // of those far from 1/2
  for (uint32_t i = 0; i < batch; i++) {
    tails[count] = i;
    v[count] = u[i];
    count += std::fabs(u[i] - 0.5) > 0.425;
  }
  for (uint32_t t = 0; t < count; t++) {
    r[t] = std::sqrt(-exactLog(std::min(v[t], 1 - v[t])));
    y[t] = rational(r[t] - 1.6, middleP, middleQ);
  }
  for (uint32_t t = 0; t < count; t++) {
    const double size = r[t] <= 5 ? y[t] : rational(r[t] - 5, tailP, tailQ);
    x[tails[t]] = v[t] < 0.5 ? -size : size;
  }
}

template <class T>
void normals(const Part& part, T* values) {
  const Draw& draw = part.draw;
  double x[batch];
  for (size_t s = part.from; s < part.to; s++) {
    for (uint32_t first = 0; first < draw.size; first += batch) {
      quantiles(draw, draw.numbers[s], first, x);
      const uint32_t some = std::min(batch, draw.size - first);
      values = std::transform(x, x + some, values, [](double number) { return static_cast<T>(number); });
    }
  }
}

template <class T>
void floats(const Part& part, T* values) {
  if (part.draw.kind == Draw::normal) normals(part, values);
  else uniforms(part, values);
}

// floor(range w / 2^64) of the 64 bits w.
int64_t scaled(const uint32_t words[2], uint64_t range) {
  const uint64_t w = static_cast<uint64_t>(words[0]) << 32 | words[1];
  return static_cast<int64_t>(static_cast<unsigned __int128>(w) * range >> 64);
}

void integers(const Part& part, int32_t* values) {
  const auto [low, range] = std::pair(part.draw.low, part.draw.range);
  fill(part, values, [=](const uint32_t words[2]) { return static_cast<int32_t>(low + scaled(words, range)); });
}

void permutations(const Part& part, int32_t* values) {
  const Draw& draw = part.draw;
  for (size_t s = part.from; s < part.to; s++, values += draw.size) {
    for (uint32_t i = 0; i < draw.size; i++) values[i] = i;
    for (uint32_t i = draw.size; i-- > 1;) {
      uint32_t words[2];
      threefry2x32(draw.seed, draw.stream, draw.numbers[s], i, words);
      std::swap(values[i], values[scaled(words, i + 1ull)]);
    }
  }
}

void* valuesAt(const Draw& draw, TF_Tensor* tensor, size_t step) {
  return static_cast<char*>(TF_TensorData(tensor)) + step * draw.size * TF_DataTypeSize(draw.dtype);
}

void fillSteps(const Part& part, TF_Tensor* tensor) {
  const Draw& draw = part.draw;
  void* values = valuesAt(draw, tensor, part.from);
  if (draw.kind == Draw::integers) integers(part, static_cast<int32_t*>(values));
  else if (draw.kind == Draw::permutation) permutations(part, static_cast<int32_t*>(values));
  else if (draw.dtype == TF_DOUBLE) floats(part, static_cast<double*>(values));
  else floats(part, static_cast<float*>(values));
}

// The tensor of a draw, with zeros after its last step.
TF_Tensor* roomFor(const Draw& draw) {
  size_t bytes = TF_DataTypeSize(draw.dtype);
  for (int64_t n : draw.shape) bytes *= n;
  TF_Tensor* tensor = allocate(draw.dtype, draw.shape, bytes);
  const size_t steps = draw.numbers.size();
  const size_t drawn = steps * draw.size * TF_DataTypeSize(draw.dtype);
  if (bytes > drawn) std::memset(valuesAt(draw, tensor, steps), 0, bytes - drawn);
  return tensor;
}

// With fewer numbers, a thread would cost more than it saves.
constexpr double numbersPerThread = 2e4;

}  // namespace

std::vector<TF_Tensor*> makeDraws(const std::vector<Draw>& draws, int threads) {
  std::vector<TF_Tensor*> tensors;
  double numbers = 0;
  for (const Draw& draw : draws) {
    tensors.push_back(roomFor(draw));
    numbers += static_cast<double>(draw.numbers.size()) * draw.size;
  }
  // Each draw's steps are cut into as many parts, which the threads take as they come.
  constexpr uint64_t parts = 64;
  std::atomic<uint64_t> next{0};
  auto work = [&] {
    for (uint64_t part; (part = next++) < parts;)
      for (size_t i = 0; i < draws.size(); i++) {
        const size_t steps = draws[i].numbers.size();
        fillSteps({draws[i], steps * part / parts, steps * (part + 1) / parts}, tensors[i]);
      }
  };
  std::vector<std::thread> helpers;
  try {
    for (int i = 1; i < std::min<double>(threads, numbers / numbersPerThread); i++) helpers.emplace_back(work);
  } catch (const std::system_error&) {
    // The system gives no more threads: those that there are draw the same numbers.
  }
  work();
  for (std::thread& helper : helpers) helper.join();
  return tensors;
}

}  // namespace widenet
