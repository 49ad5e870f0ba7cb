// Native tensors: made from typed arrays, read back into fresh ones, released by hand or by the collector.
#include "addon.h"

namespace widenet {

TF_Tensor* allocate(TF_DataType dtype, const std::vector<int64_t>& shape, size_t bytes) {
  TF_Tensor* tensor = TF_AllocateTensor(dtype, shape.data(), static_cast<int>(shape.size()), bytes);
  if (tensor && (bytes == 0 || TF_TensorData(tensor))) return tensor;
  if (tensor) TF_DeleteTensor(tensor);
  throw std::runtime_error("there is no memory for a tensor of " + std::to_string(bytes) + " bytes");
}

// createTensor(values, shape, dtype): copies the bytes, so the array may change afterwards.
napi_value createTensor(napi_env env, const Arguments& a) {
  napi_typedarray_type type;
  size_t length = 0, offset = 0;
  void* data = nullptr;
  napi_value buffer;
  check(env, napi_get_typedarray_info(env, a.at(0), &type, &length, &data, &buffer, &offset));
  const auto shape = integers(env, a.at(1));
  const auto dtype = static_cast<TF_DataType>(number(env, a.at(2)));
  static const size_t widths[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  size_t elements = 1;
  for (int64_t n : shape) elements *= n;
  const size_t bytes = elements * TF_DataTypeSize(dtype);
  if (bytes != length * widths[type]) throw std::runtime_error("createTensor: values, shape and dtype disagree");
  TF_Tensor* tensor = allocate(dtype, shape, bytes);
  if (bytes) std::memcpy(TF_TensorData(tensor), data, bytes);
  return wrap(env, new Tensor(tensor));
}

// readTensor(tensor, count): its first `count` values in a typed array of their own kind; bool as 0 and 1.
napi_value readTensor(napi_env env, const Arguments& a) {
  TF_Tensor* tensor = handle<Tensor>(env, a.at(0))->value;
  napi_typedarray_type type;
  switch (TF_TensorType(tensor)) {
    case TF_FLOAT: type = napi_float32_array; break;
    case TF_DOUBLE: type = napi_float64_array; break;
    case TF_INT32: type = napi_int32_array; break;
    case TF_BOOL: type = napi_uint8_array; break;
    default:
      throw std::runtime_error("readTensor: dtype " + std::to_string(TF_TensorType(tensor)) + " has no typed array");
  }
  const auto count = static_cast<size_t>(number(env, a.at(1)));
  if (count > static_cast<size_t>(TF_TensorElementCount(tensor)))
    throw std::runtime_error("readTensor: the tensor has fewer values");
  const size_t bytes = count * TF_DataTypeSize(TF_TensorType(tensor));
  void* data = nullptr;
  napi_value buffer, result;
  check(env, napi_create_arraybuffer(env, bytes, &data, &buffer));
  if (bytes) std::memcpy(data, TF_TensorData(tensor), bytes);
  check(env, napi_create_typedarray(env, type, count, buffer, 0, &result));
  return result;
}

}  // namespace widenet
