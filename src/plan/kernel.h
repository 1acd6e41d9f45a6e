// How long kernels take: matrix products by a curve through measured ones, all else by the bytes that it moves.
#pragma once

namespace dayu::plan {

// The rate of a product of (rows x depth) by (depth x columns) saturates in each of the three. `rate` is what large ones
// reach, in FLOP/s; the others are the sizes at which half of that is reached, the rest being large.
struct GemmCurve {
    double rate = 0;
    double half_rows = 0;
    double half_columns = 0;
    double half_depth = 0;
};

inline double gemm_s(const GemmCurve& curve, double rows, double columns, double depth) {
    return 2 * (rows + curve.half_rows) * (columns + curve.half_columns) *
           (depth + curve.half_depth) / curve.rate;
}

}  // namespace dayu::plan
