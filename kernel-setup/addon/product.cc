// Matrix products of compiled loops: XLA calls, OpenBLAS computes, and XLA's own threads share the pieces.
#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include <cblas.h>
#include <xla/ffi/api/ffi.h>

#include "addon.h"

namespace xla::ffi {
const XLA_FFI_Api* GetXlaFfiApi();
}

namespace widenet {
namespace {

namespace ffi = xla::ffi;

void multiply(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb, float* c, int64_t ldc) {
  scipy_cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
}

void multiply(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double* c, int64_t ldc) {
  scipy_cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
}

// Does tasks 0 to count - 1, each once, on this thread and on those of the pool that come in time; returns when all are done.
template <class Task>
void share(ffi::ThreadPool& pool, int64_t count, Task task) {
  struct State { std::atomic<int64_t> next{0}, done{0}; };
  auto state = std::make_shared<State>();
  auto work = [state, count, task] {
    for (int64_t i; (i = state->next++) < count; state->done++) task(i);
  };
  for (int64_t i = 1; i < std::min(pool.num_threads(), count); i++) pool.Schedule([work] { work(); });
  work();
  while (state->done < count) std::this_thread::yield();
}

struct Sizes { int64_t m, n, k, batch, pieces; bool ta, tb; };

// The longer side of each product is cut into pieces: the same ones whatever the threads, so that these change no bit.
template <class T>
void products(ffi::ThreadPool& pool, const Sizes& s, const T* a, const T* b, T* c) {
  const bool byRows = s.m > s.n;
  const int64_t side = byRows ? s.m : s.n;
  const int64_t piece = ((side + s.pieces - 1) / s.pieces + 15) / 16 * 16;
  const int64_t pieces = (side + piece - 1) / piece;
  const int64_t lda = s.ta ? s.m : s.k, ldb = s.tb ? s.k : s.n;
  share(pool, s.batch * pieces, [=](int64_t task) {
    const int64_t item = task / pieces, at = task % pieces * piece, by = std::min(piece, side - at);
    const int64_t atA = !byRows ? 0 : s.ta ? at : at * lda, atB = byRows ? 0 : s.tb ? at * ldb : at;
    multiply(s.ta ? CblasTrans : CblasNoTrans, s.tb ? CblasTrans : CblasNoTrans, byRows ? by : s.m, byRows ? s.n : by, s.k,
             a + item * s.m * s.k + atA, lda, b + item * s.k * s.n + atB, ldb, c + item * s.m * s.n + (byRows ? at * s.n : at), s.n);
  });
}

ffi::Error product(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::AnyBuffer b, ffi::Result<ffi::AnyBuffer> c, bool ta, bool tb, int64_t pieces) {
  const auto left = a.dimensions(), result = c->dimensions();
  const size_t rank = result.size();
  int64_t batch = 1;
  for (size_t i = 0; i + 2 < rank; i++) batch *= result[i];
  const Sizes sizes{result[rank - 2], result[rank - 1], left[ta ? rank - 2 : rank - 1], batch, pieces, ta, tb};
  if (a.element_type() == ffi::F32) products(pool, sizes, a.typed_data<float>(), b.typed_data<float>(), c->typed_data<float>());
  else if (a.element_type() == ffi::F64) products(pool, sizes, a.typed_data<double>(), b.typed_data<double>(), c->typed_data<double>());
  else return ffi::Error::InvalidArgument("widenet_product: neither float32 nor float64");
  return ffi::Error::Success();
}

XLA_FFI_DEFINE_HANDLER(handler, product, ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
                       .Attr<bool>("ta").Attr<bool>("tb").Attr<int64_t>("pieces"));

}  // namespace

// Makes `widenet_product` known to XLA, once in a process.
void registerProduct() {
  static std::once_flag once;
  std::call_once(once, [] {
    scipy_openblas_set_num_threads(1);
    const XLA_FFI_Api* api = ffi::GetXlaFfiApi();
    if (XLA_FFI_Error* error = ffi::Ffi::RegisterStaticHandler(api, "widenet_product", "Host", reinterpret_cast<XLA_FFI_Handler*>(handler)))
      throw std::runtime_error(std::string("widenet_product: ") + ffi::internal::GetErrorMessage(api, error));
  });
}

}  // namespace widenet
