// One stream's numbers for some steps.
#pragma once
#include "addon.h"

namespace widenet {

struct Draw {
  enum Kind { normal, uniform, integers, permutation } kind;
  uint32_t seed, stream;          // the key
  std::vector<uint32_t> numbers;  // of the steps that are filled in
  uint32_t size;                  // numbers a step
  std::vector<int64_t> shape;     // [room for steps, ...shape of one draw]
  TF_DataType dtype;
  int64_t low, range;             // of integers: low, low + 1, ..., low + range - 1
};

// The numbers of each draw as a tensor, made on at most so many threads: the same ones whatever their number.
std::vector<TF_Tensor*> makeDraws(const std::vector<Draw>& draws, int threads);

}  // namespace widenet
