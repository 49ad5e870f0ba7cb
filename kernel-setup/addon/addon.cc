// A Node-API addon over TensorFlow's C API: graphs built op by op, and sessions that run them off the main thread.
#include "addon.h"

namespace widenet {

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  throw std::runtime_error(info && info->error_message ? info->error_message : "Node-API call failed");
}

napi_value wrap(napi_env env, Handle* handle) {
  napi_value value;
  auto finalize = [](napi_env, void* data, void*) { delete static_cast<Handle*>(data); };
  check(env, napi_create_external(env, handle, finalize, nullptr, &value));
  return value;
}

Handle* unwrap(napi_env env, napi_value value) {
  void* data = nullptr;
  check(env, napi_get_value_external(env, value, &data));
  return static_cast<Handle*>(data);
}

// release(handles)
napi_value release(napi_env env, const Arguments& a) {
  for (napi_value handle : items(env, a.at(0))) unwrap(env, handle)->release();
  return nullptr;
}

std::string text(napi_env env, napi_value value) {
  size_t length = 0;
  check(env, napi_get_value_string_utf8(env, value, nullptr, 0, &length));
  std::string result(length, '\0');
  check(env, napi_get_value_string_utf8(env, value, &result[0], length + 1, &length));
  return result;
}

double number(napi_env env, napi_value value) {
  double result;
  check(env, napi_get_value_double(env, value, &result));
  return result;
}

bool truth(napi_env env, napi_value value) {
  bool result;
  check(env, napi_get_value_bool(env, value, &result));
  return result;
}

bool isArray(napi_env env, napi_value value) {
  bool result;
  check(env, napi_is_array(env, value, &result));
  return result;
}

std::vector<napi_value> items(napi_env env, napi_value array) {
  uint32_t length = 0;
  check(env, napi_get_array_length(env, array, &length));
  std::vector<napi_value> result(length);
  for (uint32_t i = 0; i < length; i++) check(env, napi_get_element(env, array, i, &result[i]));
  return result;
}

std::vector<int64_t> integers(napi_env env, napi_value array) {
  std::vector<int64_t> result;
  for (napi_value item : items(env, array)) result.push_back(static_cast<int64_t>(number(env, item)));
  return result;
}

napi_value field(napi_env env, napi_value object, const char* name) {
  napi_value result;
  check(env, napi_get_named_property(env, object, name, &result));
  return result;
}

napi_value toNumber(napi_env env, double value) {
  napi_value result;
  check(env, napi_create_double(env, value, &result));
  return result;
}

napi_value toText(napi_env env, const std::string& value) {
  napi_value result;
  check(env, napi_create_string_utf8(env, value.data(), value.size(), &result));
  return result;
}

napi_value toArray(napi_env env, const std::vector<napi_value>& values) {
  napi_value result;
  check(env, napi_create_array_with_length(env, values.size(), &result));
  for (size_t i = 0; i < values.size(); i++) check(env, napi_set_element(env, result, i, values[i]));
  return result;
}

template <Body body>
void add(napi_env env, napi_value exports, const char* name) {
  napi_value function;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, method<body>, nullptr, &function));
  check(env, napi_set_named_property(env, exports, name, function));
}

}  // namespace widenet

NAPI_MODULE_INIT() {
  using namespace widenet;
  try {
    add<release>(env, exports, "release");
    add<createTensor>(env, exports, "createTensor");
    add<readTensor>(env, exports, "readTensor");
    add<createGraph>(env, exports, "createGraph");
    add<addOperation>(env, exports, "addOperation");
    add<operationDefinition>(env, exports, "operationDefinition");
    add<kernelsOf>(env, exports, "kernelsOf");
    add<createFunction>(env, exports, "createFunction");
    add<useFunction>(env, exports, "useFunction");
    add<createSession>(env, exports, "createSession");
    add<run>(env, exports, "run");
    add<drawTensor>(env, exports, "drawTensor");
    registerLibrary();
    check(env, napi_add_env_cleanup_hook(env, awaitRuns, nullptr));
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return exports;
}
