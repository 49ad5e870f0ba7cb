// Graphs and functions built one operation at a time; the runtime infers every shape and type as it goes.
#include "addon.h"

#include <memory>

namespace widenet {
namespace {

struct Function : Handle {
  static constexpr Kind sort = function;
  TF_Function* value;
  explicit Function(TF_Function* value) : Handle(sort), value(value) {}
  ~Function() override { release(); }
  void release() override {
    if (value) TF_DeleteFunction(value);
    value = nullptr;
  }
};

std::vector<TF_Output> outputsOf(napi_env env, Graph* graph, napi_value ids) {
  std::vector<TF_Output> result;
  for (int64_t id : integers(env, ids)) result.push_back(graph->outputs.at(id));
  return result;
}

void setStrings(napi_env env, TF_OperationDescription* op, const char* name, napi_value value) {
  std::vector<std::string> strings;
  for (napi_value item : items(env, value)) strings.push_back(text(env, item));
  std::vector<const void*> data;
  std::vector<size_t> lengths;
  for (const auto& s : strings) data.push_back(s.data()), lengths.push_back(s.size());
  TF_SetAttrStringList(op, name, data.data(), lengths.data(), static_cast<int>(strings.size()));
}

void setShapes(napi_env env, TF_OperationDescription* op, const char* name, const std::vector<napi_value>& values) {
  std::vector<std::vector<int64_t>> shapes;
  for (napi_value value : values) shapes.push_back(integers(env, value));
  std::vector<const int64_t*> sizes;
  std::vector<int> ranks;
  for (const auto& shape : shapes) sizes.push_back(shape.data()), ranks.push_back(static_cast<int>(shape.size()));
  TF_SetAttrShapeList(op, name, sizes.data(), ranks.data(), static_cast<int>(shapes.size()));
}

// A list of functions has no setter of its own: AttrValue { list: { func: [{ name }] } }, in all shorter than 128.
void setFunctions(napi_env env, TF_OperationDescription* op, const char* key, const std::vector<napi_value>& names) {
  auto field = [](char tag, const std::string& content) {
    return std::string{tag, static_cast<char>(content.size())} + content;
  };
  std::string list;
  for (napi_value name : names) list += field(0x4a, field(0x0a, text(env, name)));
  const std::string value = field(0x0a, list);
  Status status;
  TF_SetAttrValueProto(op, key, value.data(), value.size(), status);
  status.check();
}

// An attribute as tfjs-node writes it: { name, type, value }, where an array is a list (of a shape: its sizes; of
// arrays: shapes).
void setAttribute(napi_env env, TF_OperationDescription* op, napi_value attribute) {
  const std::string name = text(env, field(env, attribute, "name"));
  const auto type = static_cast<TF_AttrType>(number(env, field(env, attribute, "type")));
  napi_value value = field(env, attribute, "value");
  const bool list = isArray(env, value);
  const char* key = name.c_str();
  switch (type) {
    case TF_ATTR_STRING: {
      if (list) return setStrings(env, op, key, value);
      const std::string s = text(env, value);
      return TF_SetAttrString(op, key, s.data(), s.size());
    }
    case TF_ATTR_INT: {
      if (!list) return TF_SetAttrInt(op, key, static_cast<int64_t>(number(env, value)));
      const auto values = integers(env, value);
      return TF_SetAttrIntList(op, key, values.data(), static_cast<int>(values.size()));
    }
    case TF_ATTR_FLOAT: {
      if (!list) return TF_SetAttrFloat(op, key, static_cast<float>(number(env, value)));
      std::vector<float> values;
      for (napi_value item : items(env, value)) values.push_back(static_cast<float>(number(env, item)));
      return TF_SetAttrFloatList(op, key, values.data(), static_cast<int>(values.size()));
    }
    case TF_ATTR_BOOL: {
      if (!list) return TF_SetAttrBool(op, key, truth(env, value));
      std::vector<unsigned char> values;
      for (napi_value item : items(env, value)) values.push_back(truth(env, item));
      return TF_SetAttrBoolList(op, key, values.data(), static_cast<int>(values.size()));
    }
    case TF_ATTR_TYPE: {
      if (!list) return TF_SetAttrType(op, key, static_cast<TF_DataType>(number(env, value)));
      std::vector<TF_DataType> values;
      for (int64_t item : integers(env, value)) values.push_back(static_cast<TF_DataType>(item));
      return TF_SetAttrTypeList(op, key, values.data(), static_cast<int>(values.size()));
    }
    case TF_ATTR_SHAPE: {
      const auto values = items(env, value);
      if (!values.empty() && isArray(env, values[0])) return setShapes(env, op, key, values);
      const auto sizes = integers(env, value);
      return TF_SetAttrShape(op, key, sizes.data(), static_cast<int>(sizes.size()));
    }
    case TF_ATTR_TENSOR: {
      Status status;
      TF_SetAttrTensor(op, key, handle<Tensor>(env, value)->value, status);
      return status.check();
    }
    case TF_ATTR_FUNC: {
      if (list) return setFunctions(env, op, key, items(env, value));
      const std::string function = text(env, value);
      return TF_SetAttrFuncName(op, key, function.data(), function.size());
    }
    default: throw std::runtime_error("attribute " + name + " has a type of no graph form");
  }
}

// { id, dtype, shape } of one output; shape is undefined when its rank or a size is not known.
napi_value describe(napi_env env, Graph* graph, TF_Output output) {
  napi_value result, shape;
  check(env, napi_create_object(env, &result));
  check(env, napi_set_named_property(env, result, "id", toNumber(env, graph->outputs.size())));
  check(env, napi_set_named_property(env, result, "dtype", toNumber(env, TF_OperationOutputType(output))));
  graph->outputs.push_back(output);
  Status status;
  const int rank = TF_GraphGetTensorNumDims(graph->value, output, status);
  status.check();
  if (rank < 0) return result;
  std::vector<int64_t> sizes(rank);
  TF_GraphGetTensorShape(graph->value, output, sizes.data(), rank, status);
  status.check();
  std::vector<napi_value> values;
  for (int64_t size : sizes) {
    if (size < 0) return result;
    values.push_back(toNumber(env, size));
  }
  shape = toArray(env, values);
  check(env, napi_set_named_property(env, result, "shape", shape));
  return result;
}

napi_value bytes(napi_env env, TF_Buffer* buffer) {
  napi_value result;
  const napi_status status = napi_create_buffer_copy(env, buffer->length, buffer->data, nullptr, &result);
  TF_DeleteBuffer(buffer);
  check(env, status);
  return result;
}

}  // namespace

napi_value createGraph(napi_env env, const Arguments&) { return wrap(env, new Graph()); }

// addOperation(graph, type, name, inputs, attributes): inputs are output ids, or arrays of them for list inputs.
napi_value addOperation(napi_env env, const Arguments& a) {
  auto* graph = handle<Graph>(env, a.at(0));
  const std::string type = text(env, a.at(1)), name = text(env, a.at(2));
  struct Argument { bool list; std::vector<TF_Output> outputs; };
  std::vector<Argument> inputs;
  for (napi_value input : items(env, a.at(3))) {
    if (isArray(env, input)) inputs.push_back({true, outputsOf(env, graph, input)});
    else inputs.push_back({false, {graph->outputs.at(static_cast<size_t>(number(env, input)))}});
  }
  const auto attributes = items(env, a.at(4));
  // The description can only be let go by finishing it, so an exception on the way is kept until then.
  TF_OperationDescription* op = TF_NewOperation(graph->value, type.c_str(), name.c_str());
  std::string failure;
  try {
    for (const auto& input : inputs) {
      if (input.list) TF_AddInputList(op, input.outputs.data(), static_cast<int>(input.outputs.size()));
      else TF_AddInput(op, input.outputs[0]);
    }
    for (napi_value attribute : attributes) setAttribute(env, op, attribute);
  } catch (const std::exception& error) {
    failure = error.what();
  }
  Status status;
  TF_Operation* operation = TF_FinishOperation(op, status);
  if (!failure.empty()) throw std::runtime_error(failure);
  status.check();
  std::vector<napi_value> outputs;
  for (int i = 0; i < TF_OperationNumOutputs(operation); i++) outputs.push_back(describe(env, graph, {operation, i}));
  return toArray(env, outputs);
}

// operationDefinition(graph, type): the serialised OpDef.
napi_value operationDefinition(napi_env env, const Arguments& a) {
  Status status;
  TF_Buffer* buffer = TF_NewBuffer();
  TF_GraphGetOpDef(handle<Graph>(env, a.at(0))->value, text(env, a.at(1)).c_str(), buffer, status);
  if (TF_GetCode(status) != TF_OK) TF_DeleteBuffer(buffer);
  status.check();
  return bytes(env, buffer);
}

// kernelsOf(type): the serialised list of kernels registered for an op.
napi_value kernelsOf(napi_env env, const Arguments& a) {
  Status status;
  TF_Buffer* buffer = TF_GetRegisteredKernelsForOp(text(env, a.at(0)).c_str(), status);
  status.check();
  return bytes(env, buffer);
}

// createFunction(graph, name, inputs, outputs, kept): all operations of the graph as one function. One that is kept
// TensorFlow does not put in place of its calls.
napi_value createFunction(napi_env env, const Arguments& a) {
  auto* graph = handle<Graph>(env, a.at(0));
  const std::string name = text(env, a.at(1));
  const auto inputs = outputsOf(env, graph, a.at(2)), outputs = outputsOf(env, graph, a.at(3));
  Status status;
  TF_Function* function = TF_GraphToFunction(
      graph->value, name.c_str(), 0, -1, nullptr, static_cast<int>(inputs.size()), inputs.data(),
      static_cast<int>(outputs.size()), outputs.data(), nullptr, nullptr, nullptr, status);
  status.check();
  auto result = std::make_unique<Function>(function);
  if (truth(env, a.at(4))) {
    static constexpr char yes[] = {0x28, 1};  // AttrValue { b: true }
    TF_FunctionSetAttrValueProto(function, "_noinline", yes, sizeof yes, status);
    status.check();
  }
  return wrap(env, result.release());
}

// useFunction(graph, function): makes the function known to the graph.
napi_value useFunction(napi_env env, const Arguments& a) {
  Status status;
  TF_GraphCopyFunction(handle<Graph>(env, a.at(0))->value, handle<Function>(env, a.at(1))->value, nullptr, status);
  status.check();
  return nullptr;
}

}  // namespace widenet
