// What the addon's files share: Node-API values in and out, and errors as exceptions up to the call's door.
#pragma once
#include <node_api.h>
#include <tensorflow/c/c_api.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace widenet {

void check(napi_env env, napi_status status);

struct Status {
  TF_Status* status = TF_NewStatus();
  ~Status() { TF_DeleteStatus(status); }
  operator TF_Status*() const { return status; }
  void check() const {
    if (TF_GetCode(status) != TF_OK) throw std::runtime_error(TF_Message(status));
  }
};

// A value that lives in JavaScript as an external; `kind` tells one sort from another.
struct Handle {
  enum Kind { tensor = 1, graph, function, session } kind;
  explicit Handle(Kind kind) : kind(kind) {}
  virtual ~Handle() = default;
  virtual void release() = 0;  // gives the native memory back before the collector finds the handle
};

struct Tensor : Handle {
  static constexpr Kind sort = tensor;
  TF_Tensor* value;
  explicit Tensor(TF_Tensor* value) : Handle(sort), value(value) {}
  ~Tensor() override { release(); }
  void release() override {
    if (value) TF_DeleteTensor(value);
    value = nullptr;
  }
};

struct Graph : Handle {
  static constexpr Kind sort = graph;
  TF_Graph* value = TF_NewGraph();
  std::vector<TF_Output> outputs;  // JavaScript names an output by its place here
  Graph() : Handle(sort) {}
  ~Graph() override { release(); }
  void release() override {
    if (value) TF_DeleteGraph(value);
    value = nullptr;
  }
};

// A tensor of memory that nothing has been written to; throws when there is none.
TF_Tensor* allocate(TF_DataType dtype, const std::vector<int64_t>& shape, size_t bytes);

napi_value wrap(napi_env env, Handle* handle);
Handle* unwrap(napi_env env, napi_value value);
template <class T>
T* handle(napi_env env, napi_value value) {
  Handle* found = unwrap(env, value);
  if (found->kind != T::sort) throw std::runtime_error("a handle of another kind was expected");
  auto* typed = static_cast<T*>(found);
  if (!typed->value) throw std::runtime_error("a released handle was used");
  return typed;
}

std::string text(napi_env env, napi_value value);
double number(napi_env env, napi_value value);
bool truth(napi_env env, napi_value value);
bool isArray(napi_env env, napi_value value);
std::vector<napi_value> items(napi_env env, napi_value array);
std::vector<int64_t> integers(napi_env env, napi_value array);
napi_value field(napi_env env, napi_value object, const char* name);
napi_value toNumber(napi_env env, double value);
napi_value toText(napi_env env, const std::string& value);
napi_value toArray(napi_env env, const std::vector<napi_value>& values);

using Arguments = std::vector<napi_value>;
using Body = napi_value (*)(napi_env, const Arguments&);

// Turns a body that throws into a Node-API callback that raises a JavaScript error.
template <Body body>
napi_value method(napi_env env, napi_callback_info info) {
  size_t count = 12;
  Arguments arguments(count);
  try {
    check(env, napi_get_cb_info(env, info, &count, arguments.data(), nullptr, nullptr));
    arguments.resize(count);
    return body(env, arguments);
  } catch (const std::exception& error) {
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    if (!pending) napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

napi_value release(napi_env, const Arguments&);
napi_value createTensor(napi_env, const Arguments&);
napi_value readTensor(napi_env, const Arguments&);
napi_value createGraph(napi_env, const Arguments&);
napi_value addOperation(napi_env, const Arguments&);
napi_value operationDefinition(napi_env, const Arguments&);
napi_value kernelsOf(napi_env, const Arguments&);
napi_value createFunction(napi_env, const Arguments&);
napi_value useFunction(napi_env, const Arguments&);
napi_value createSession(napi_env, const Arguments&);
napi_value run(napi_env, const Arguments&);
napi_value drawTensor(napi_env, const Arguments&);
void awaitRuns(void*);
void registerLibrary();

}  // namespace widenet
