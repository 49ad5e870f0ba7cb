// Makes the library calls known to XLA.
#include "library.h"

#include <mutex>
#include <string>

#include "addon.h"

namespace xla {
class CustomCallTargetRegistry {
 public:
  static CustomCallTargetRegistry* Global();
  void Register(const std::string& name, void* function, const std::string& platform);
};
namespace ffi {
const XLA_FFI_Api* GetXlaFfiApi();
}
}  // namespace xla

namespace widenet {
namespace {

void registerCall(const char* name, XLA_FFI_Handler* handler) {
  const XLA_FFI_Api* api = ffi::GetXlaFfiApi();
  if (XLA_FFI_Error* error = ffi::Ffi::RegisterStaticHandler(api, name, "Host", handler))
    throw std::runtime_error(std::string(name) + ": " + ffi::internal::GetErrorMessage(api, error));
}

void registerDirect(const std::string& name, const DirectCalls& calls) {
  auto* const registry = xla::CustomCallTargetRegistry::Global();
  registry->Register(name + "_f32", reinterpret_cast<void*>(calls.f32), "Host");
  registry->Register(name + "_f64", reinterpret_cast<void*>(calls.f64), "Host");
}

}  // namespace

// Once in a process; OpenBLAS itself starts no threads.
void registerLibrary() {
  static std::once_flag once;
  std::call_once(once, [] {
    scipy_openblas_set_num_threads(1);
    registerDirect("widenet_product", productCalls);
    registerDirect("widenet_update", updateCalls);
    registerDirect("widenet_prefix_sum", prefixSumCalls);
    registerCall("widenet_product", productHandler);
    registerCall("widenet_update", updateHandler);
    registerCall("widenet_gram", gramHandler);
    registerCall("widenet_normal", normalHandler);
    registerCall("widenet_fourier", fourierHandler);
    registerCall("widenet_convolution", convolutionHandler);
    registerCall("widenet_convolution_to_filter", convolutionToFilterHandler);
    registerCall("widenet_convolution_to_input", convolutionToInputHandler);
    registerCall("widenet_column_sum", columnSumHandler);
    registerCall("widenet_pool", poolHandler);
    registerCall("widenet_pool_gradient", poolGradientHandler);
    registerCall("widenet_cholesky", choleskyHandler);
    registerCall("widenet_triangular_solve", triangularSolveHandler);
    registerCall("widenet_eigenvalues", eigenvaluesHandler);
    registerCall("widenet_eigenvectors", eigenvectorsHandler);
    registerCall("widenet_determinant", determinantHandler);
    registerCall("widenet_inverse", inverseHandler);
    registerCall("widenet_svd", svdHandler);
  });
}

}  // namespace widenet
