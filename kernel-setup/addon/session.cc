// Sessions with threads of their own, and runs on a thread beside Node's, so that the event loop never waits.
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "random.h"

namespace widenet {
namespace {

// Shared by the JavaScript handle and the runs in flight; the last one to let go closes it.
struct Open {
  TF_Session* session = nullptr;
  ~Open() {
    if (!session) return;
    Status status;
    TF_CloseSession(session, status);
    TF_DeleteSession(session, status);
  }
};

struct Session : Handle {
  static constexpr Kind sort = session;
  std::shared_ptr<Open> value = std::make_shared<Open>();
  std::vector<TF_Output> outputs;  // of the graph, which the runtime keeps alive as long as its sessions
  Session() : Handle(sort) {}
  void release() override { value.reset(); }
};

struct Run {
  std::shared_ptr<Open> open;
  std::vector<TF_Output> feeds, fetches;
  std::vector<TF_Tensor*> inputs, outputs;
  std::vector<Draw> draws;  // made by the run itself and fed after the inputs
  int threads = 1;             // that it may make them on
  std::vector<napi_ref> held;  // the input tensors must outlive the run
  napi_deferred deferred = nullptr;
  napi_threadsafe_function done = nullptr;
  std::string failure;
};

// Runs wait here for a thread; a thread that has done one waits for the next. At exit the process waits for the runs in
// flight, lest the runtime be torn down under their feet; the resting threads end with it, so what they wait on is
// never destroyed.
struct Runs {
  std::mutex lock;
  std::condition_variable idle, waiting;
  std::deque<Run*> queue;
  int inFlight = 0, resting = 0;
};
Runs& runs = *new Runs;

void work(Run* run) {
  Status status;
  const size_t given = run->inputs.size();
  for (TF_Tensor* drawn : makeDraws(run->draws, run->threads)) run->inputs.push_back(drawn);
  TF_SessionRun(run->open->session, nullptr, run->feeds.data(), run->inputs.data(), static_cast<int>(run->feeds.size()),
                run->fetches.data(), run->outputs.data(), static_cast<int>(run->fetches.size()), nullptr, 0, nullptr,
                status);
  if (TF_GetCode(status) != TF_OK) run->failure = TF_Message(status);
  for (size_t i = given; i < run->inputs.size(); i++) TF_DeleteTensor(run->inputs[i]);
  napi_call_threadsafe_function(run->done, run, napi_tsfn_blocking);
}

// As on TensorFlow's own threads and in XLA's programs, numbers below the least normal one are zero on this thread.
void flushDenormals() {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
  uint64_t control;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  asm volatile("msr fpcr, %0" : : "r"(control | 1 << 24));
#endif
}

[[noreturn]] void serve() {
  flushDenormals();
  std::unique_lock<std::mutex> held(runs.lock);
  for (;;) {
    runs.resting++;
    runs.waiting.wait(held, [] { return !runs.queue.empty(); });
    runs.resting--;
    Run* run = runs.queue.front();
    runs.queue.pop_front();
    held.unlock();
    work(run);
    held.lock();
    if (--runs.inFlight == 0) runs.idle.notify_all();
  }
}

void start(Run* run) {
  std::lock_guard<std::mutex> held(runs.lock);
  runs.inFlight++;
  runs.queue.push_back(run);
  if (static_cast<int>(runs.queue.size()) > runs.resting) std::thread(serve).detach();
  else runs.waiting.notify_one();
}

void settle(napi_env env, napi_value, void*, void* data) {
  std::unique_ptr<Run> run(static_cast<Run*>(data));
  if (!env) return;
  for (napi_ref reference : run->held) napi_delete_reference(env, reference);
  napi_release_threadsafe_function(run->done, napi_tsfn_release);
  if (!run->failure.empty()) {
    napi_value error;
    napi_create_error(env, nullptr, toText(env, run->failure), &error);
    napi_reject_deferred(env, run->deferred, error);
    return;
  }
  std::vector<napi_value> tensors;
  for (TF_Tensor* tensor : run->outputs) tensors.push_back(wrap(env, new Tensor(tensor)));
  napi_resolve_deferred(env, run->deferred, toArray(env, tensors));
}

std::vector<TF_Output> outputsOf(napi_env env, const Session* session, napi_value ids) {
  std::vector<TF_Output> result;
  for (int64_t id : integers(env, ids)) result.push_back(session->outputs.at(id));
  return result;
}

// The entries of a Uint32Array.
std::vector<uint32_t> words(napi_env env, napi_value value) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  check(env, napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr));
  if (type != napi_uint32_array) throw std::runtime_error("draw: numbers must be a Uint32Array");
  const auto* first = static_cast<const uint32_t*>(data);
  return {first, first + length};
}

// { kind, seed, stream, numbers, size, shape, dtype, low, range }
Draw drawOf(napi_env env, napi_value value) {
  auto word = [&](const char* name) { return static_cast<uint32_t>(number(env, field(env, value, name))); };
  auto whole = [&](const char* name) { return static_cast<int64_t>(number(env, field(env, value, name))); };
  const Draw draw{static_cast<Draw::Kind>(word("kind")), word("seed"), word("stream"),
                  words(env, field(env, value, "numbers")), word("size"), integers(env, field(env, value, "shape")),
                  static_cast<TF_DataType>(word("dtype")), whole("low"), whole("range")};
  const bool whole32 = draw.kind == Draw::integers || draw.kind == Draw::permutation;
  if (whole32 != (draw.dtype == TF_INT32)) throw std::runtime_error("draw: kind and dtype disagree");
  const size_t steps = draw.numbers.size();
  if (steps > static_cast<size_t>(draw.shape.at(0)))
    throw std::runtime_error("draw: " + std::to_string(steps) + " steps asked for, but there is room for " +
                             std::to_string(draw.shape[0]));
  return draw;
}

}  // namespace

void awaitRuns(void*) {
  std::unique_lock<std::mutex> held(runs.lock);
  runs.idle.wait(held, [] { return runs.inFlight == 0; });
}

// drawTensor(draw): the numbers of one draw as a tensor, at once.
napi_value drawTensor(napi_env env, const Arguments& a) {
  return wrap(env, new Tensor(makeDraws({drawOf(env, a.at(0))}, 1)[0]));
}

// createSession(graph, config): config is a serialised ConfigProto.
napi_value createSession(napi_env env, const Arguments& a) {
  auto* graph = handle<Graph>(env, a.at(0));
  auto session = std::make_unique<Session>();
  session->outputs = graph->outputs;
  void* config = nullptr;
  size_t length = 0;
  check(env, napi_get_buffer_info(env, a.at(1), &config, &length));
  Status status;
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_SetConfig(options, config, length, status);
  if (TF_GetCode(status) == TF_OK) session->value->session = TF_NewSession(graph->value, options, status);
  TF_DeleteSessionOptions(options);
  status.check();
  return wrap(env, session.release());
}

// run(session, feeds, tensors, draws, fetches, threads): a promise of the fetched tensors. Draws are made on the run's
// own thread, and on others up to so many.
napi_value run(napi_env env, const Arguments& a) {
  auto* session = handle<Session>(env, a.at(0));
  auto run = std::make_unique<Run>();
  run->open = session->value;
  run->feeds = outputsOf(env, session, a.at(1));
  const auto tensors = items(env, a.at(2));
  for (napi_value tensor : tensors) run->inputs.push_back(handle<Tensor>(env, tensor)->value);
  for (napi_value draw : items(env, a.at(3))) run->draws.push_back(drawOf(env, draw));
  if (run->inputs.size() + run->draws.size() != run->feeds.size())
    throw std::runtime_error("run: feeds and tensors differ in number");
  run->fetches = outputsOf(env, session, a.at(4));
  run->outputs.resize(run->fetches.size());
  run->threads = static_cast<int>(number(env, a.at(5)));
  for (napi_value tensor : tensors) {
    napi_ref reference;
    check(env, napi_create_reference(env, tensor, 1, &reference));
    run->held.push_back(reference);
  }
  napi_value promise;
  check(env, napi_create_promise(env, &run->deferred, &promise));
  check(env, napi_create_threadsafe_function(env, nullptr, nullptr, toText(env, "widenet run"), 0, 1, nullptr, nullptr,
                                             nullptr, settle, &run->done));
  start(run.release());
  return promise;
}

}  // namespace widenet
