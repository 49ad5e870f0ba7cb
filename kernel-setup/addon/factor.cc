// Factorisations of compiled loops. LAPACK counts by columns, so a row-major lower triangle is its upper one.
#include "library.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <lapacke.h>

namespace widenet {
namespace {

int factor(int64_t n, float* a) { return scipy_LAPACKE_spotrf(LAPACK_COL_MAJOR, 'U', n, a, n); }
int factor(int64_t n, double* a) { return scipy_LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', n, a, n); }

int eigen(char job, int64_t n, float* a, float* values) {
  return scipy_LAPACKE_ssyevd(LAPACK_COL_MAJOR, job, 'U', n, a, n, values);
}
int eigen(char job, int64_t n, double* a, double* values) {
  return scipy_LAPACKE_dsyevd(LAPACK_COL_MAJOR, job, 'U', n, a, n, values);
}

int lu(int64_t n, float* a, lapack_int* rows) { return scipy_LAPACKE_sgetrf(LAPACK_COL_MAJOR, n, n, a, n, rows); }
int lu(int64_t n, double* a, lapack_int* rows) { return scipy_LAPACKE_dgetrf(LAPACK_COL_MAJOR, n, n, a, n, rows); }

int invert(int64_t n, float* a, const lapack_int* rows) {
  return scipy_LAPACKE_sgetri(LAPACK_COL_MAJOR, n, a, n, rows);
}
int invert(int64_t n, double* a, const lapack_int* rows) {
  return scipy_LAPACKE_dgetri(LAPACK_COL_MAJOR, n, a, n, rows);
}

int singular(int64_t m, int64_t n, float* a, float* s, float* u, float* vt) {
  return scipy_LAPACKE_sgesdd(LAPACK_COL_MAJOR, 'S', m, n, a, m, s, u, m, vt, std::min(m, n));
}
int singular(int64_t m, int64_t n, double* a, double* s, double* u, double* vt) {
  return scipy_LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', m, n, a, m, s, u, m, vt, std::min(m, n));
}

void solve(CBLAS_UPLO half, CBLAS_TRANSPOSE adjoint, int64_t n, int64_t columns, const float* t, float* x) {
  scipy_cblas_strsm(CblasRowMajor, CblasLeft, half, adjoint, CblasNonUnit, n, columns, 1, t, n, x, columns);
}
void solve(CBLAS_UPLO half, CBLAS_TRANSPOSE adjoint, int64_t n, int64_t columns, const double* t, double* x) {
  scipy_cblas_dtrsm(CblasRowMajor, CblasLeft, half, adjoint, CblasNonUnit, n, columns, 1, t, n, x, columns);
}

// L of a = L L^T, with zeros above the diagonal; NaN throughout where a is not positive definite.
ffi::Error cholesky(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::Result<ffi::AnyBuffer> l) {
  const int64_t n = a.dimensions().back();
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    const T* from = a.typed_data<T>();
    T* to = l->typed_data<T>();
    share(pool, matrices(a.dimensions()), [=](int64_t item) {
      T* matrix = to + item * n * n;
      for (int64_t i = 0; i < n; i++) {
        std::memcpy(matrix + i * n, from + (item * n + i) * n, (i + 1) * sizeof(T));
        std::fill(matrix + i * n + i + 1, matrix + (i + 1) * n, T(0));
      }
      if (factor(n, matrix) != 0) std::fill(matrix, matrix + n * n, std::numeric_limits<T>::quiet_NaN());
    });
  });
}

// inverse(t) y, or inverse(t^T) y, for a triangular t.
ffi::Error triangularSolve(ffi::ThreadPool pool, ffi::AnyBuffer t, ffi::AnyBuffer y, ffi::Result<ffi::AnyBuffer> x,
                           bool lower, bool adjoint) {
  const int64_t n = t.dimensions().back(), columns = y.dimensions().back();
  return byType(t, [&](auto zero) {
    using T = decltype(zero);
    const T *triangles = t.typed_data<T>(), *from = y.typed_data<T>();
    T* to = x->typed_data<T>();
    share(pool, matrices(t.dimensions()), [=](int64_t item) {
      T* result = to + item * n * columns;
      std::memcpy(result, from + item * n * columns, n * columns * sizeof(T));
      solve(lower ? CblasLower : CblasUpper, adjoint ? CblasTrans : CblasNoTrans, n, columns, triangles + item * n * n,
            result);
    });
  });
}

// Eigenvalues of symmetric matrices, ascending, and with `vectors` their eigenvectors as columns; NaN where there is no
// answer.
ffi::Error eigen(ffi::ThreadPool& pool, const ffi::AnyBuffer& a, ffi::AnyBuffer& values, ffi::AnyBuffer* vectors) {
  const int64_t n = a.dimensions().back();
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    const T* from = a.typed_data<T>();
    T* toValues = values.typed_data<T>();
    T* toVectors = vectors ? vectors->typed_data<T>() : nullptr;
    share(pool, matrices(a.dimensions()), [=](int64_t item) {
      std::vector<T> matrix(from + item * n * n, from + (item + 1) * n * n);
      const bool solved = eigen(toVectors ? 'V' : 'N', n, matrix.data(), toValues + item * n) == 0;
      if (!solved) std::fill(toValues + item * n, toValues + (item + 1) * n, std::numeric_limits<T>::quiet_NaN());
      if (!toVectors) return;
      for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
          toVectors[(item * n + i) * n + j] = solved ? matrix[j * n + i] : std::numeric_limits<T>::quiet_NaN();
    });
  });
}

ffi::Error eigenvalues(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::Result<ffi::AnyBuffer> values) {
  return eigen(pool, a, *values, nullptr);
}

ffi::Error eigenvectors(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::Result<ffi::AnyBuffer> values,
                        ffi::Result<ffi::AnyBuffer> vectors) {
  return eigen(pool, a, *values, &*vectors);
}

// The sign of the determinant and the logarithm of its size: 0 and -Inf where a is singular, NaN where a holds NaN.
ffi::Error determinant(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::Result<ffi::AnyBuffer> signs,
                       ffi::Result<ffi::AnyBuffer> logarithms) {
  const int64_t n = a.dimensions().back();
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    const T* from = a.typed_data<T>();
    T *toSigns = signs->typed_data<T>(), *toLogarithms = logarithms->typed_data<T>();
    share(pool, matrices(a.dimensions()), [=](int64_t item) {
      std::vector<T> matrix(from + item * n * n, from + (item + 1) * n * n);
      std::vector<lapack_int> rows(n);
      const int failure = lu(n, matrix.data(), rows.data());
      T sign = failure < 0 ? std::numeric_limits<T>::quiet_NaN() : failure > 0 ? 0 : 1;
      T logarithm = failure < 0 ? sign : failure > 0 ? -std::numeric_limits<T>::infinity() : 0;
      for (int64_t i = 0; failure == 0 && i < n; i++) {
        const T pivot = matrix[i * n + i];
        if ((rows[i] != i + 1) != (pivot < 0)) sign = -sign;
        logarithm += std::log(std::abs(pivot));
      }
      toSigns[item] = sign;
      toLogarithms[item] = logarithm;
    });
  });
}

// The inverse; NaN throughout where a is singular.
ffi::Error inverse(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::Result<ffi::AnyBuffer> result) {
  const int64_t n = a.dimensions().back();
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    const T* from = a.typed_data<T>();
    T* to = result->typed_data<T>();
    share(pool, matrices(a.dimensions()), [=](int64_t item) {
      T* matrix = to + item * n * n;
      std::memcpy(matrix, from + item * n * n, n * n * sizeof(T));
      std::vector<lapack_int> rows(n);
      if (lu(n, matrix, rows.data()) != 0 || invert(n, matrix, rows.data()) != 0)
        std::fill(matrix, matrix + n * n, std::numeric_limits<T>::quiet_NaN());
    });
  });
}

// a = u diag(s) v^T, s descending; NaN where there is no answer. By columns, a is its transpose v diag(s) u^T.
ffi::Error svd(ffi::ThreadPool pool, ffi::AnyBuffer a, ffi::Result<ffi::AnyBuffer> s, ffi::Result<ffi::AnyBuffer> u,
               ffi::Result<ffi::AnyBuffer> v) {
  const auto shape = a.dimensions();
  const int64_t m = shape[shape.size() - 2], n = shape.back(), k = std::min(m, n);
  return byType(a, [&](auto zero) {
    using T = decltype(zero);
    const T* from = a.typed_data<T>();
    T *toS = s->typed_data<T>(), *toU = u->typed_data<T>(), *toV = v->typed_data<T>();
    share(pool, matrices(shape), [=](int64_t item) {
      std::vector<T> matrix(from + item * m * n, from + (item + 1) * m * n), turned(n * k);
      T *values = toS + item * k, *left = toU + item * m * k, *right = toV + item * n * k;
      const bool solved = singular(n, m, matrix.data(), values, turned.data(), left) == 0;
      for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < k; j++) right[i * k + j] = turned[j * n + i];
      if (solved) return;
      for (auto [to, count] : {std::pair(values, k), std::pair(left, m * k), std::pair(right, n * k)})
        std::fill(to, to + count, std::numeric_limits<T>::quiet_NaN());
    });
  });
}

XLA_FFI_DEFINE_HANDLER(callCholesky, cholesky,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>());
XLA_FFI_DEFINE_HANDLER(callTriangularSolve, triangularSolve,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Arg<ffi::AnyBuffer>()
                           .Ret<ffi::AnyBuffer>().Attr<bool>("lower").Attr<bool>("adjoint"));
XLA_FFI_DEFINE_HANDLER(callEigenvalues, eigenvalues,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>());
XLA_FFI_DEFINE_HANDLER(
    callEigenvectors, eigenvectors,
    ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>());
XLA_FFI_DEFINE_HANDLER(
    callDeterminant, determinant,
    ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>());
XLA_FFI_DEFINE_HANDLER(callInverse, inverse,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>());
XLA_FFI_DEFINE_HANDLER(callSvd, svd,
                       ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
                           .Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>());

}  // namespace

XLA_FFI_Handler* const choleskyHandler = reinterpret_cast<XLA_FFI_Handler*>(callCholesky);
XLA_FFI_Handler* const triangularSolveHandler = reinterpret_cast<XLA_FFI_Handler*>(callTriangularSolve);
XLA_FFI_Handler* const eigenvaluesHandler = reinterpret_cast<XLA_FFI_Handler*>(callEigenvalues);
XLA_FFI_Handler* const eigenvectorsHandler = reinterpret_cast<XLA_FFI_Handler*>(callEigenvectors);
XLA_FFI_Handler* const determinantHandler = reinterpret_cast<XLA_FFI_Handler*>(callDeterminant);
XLA_FFI_Handler* const inverseHandler = reinterpret_cast<XLA_FFI_Handler*>(callInverse);
XLA_FFI_Handler* const svdHandler = reinterpret_cast<XLA_FFI_Handler*>(callSvd);

}  // namespace widenet
