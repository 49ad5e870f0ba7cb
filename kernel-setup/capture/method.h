// Functions of C++ as functions of JavaScript: what they throw becomes an error there.
#pragma once
#include <node_api.h>

#include <exception>
#include <vector>

using Arguments = std::vector<napi_value>;

napi_value number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

template <napi_value (*body)(napi_env, const Arguments&)>
napi_value method(napi_env env, napi_callback_info info) {
  size_t count = 3;
  Arguments arguments(count);
  napi_get_cb_info(env, info, &count, arguments.data(), nullptr, nullptr);
  try {
    return body(env, arguments);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

template <napi_value (*body)(napi_env, const Arguments&)>
void add(napi_env env, napi_value exports, const char* name) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, method<body>, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}
