using System.Runtime.CompilerServices;
using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// A depthwise computation on small maps as a table of products: every result is a sum of them, and a register holds one number of each of a few channels. The table
/// lists, for each result, which two factors to take.
/// </summary>
internal readonly unsafe struct DepthwiseTable
{
    private readonly int* _starts;
    private readonly int* _pairs;

    /// <summary>Fills <paramref name="memory"/>, of <see cref="Size"/> numbers, with the table for registers of <paramref name="width"/> numbers.</summary>
    public DepthwiseTable(DepthwiseTask task, in WindowGeometry geometry, int width, int* memory)
    {
        Results = task switch
        {
            DepthwiseTask.Forward => geometry.OutHeight * geometry.OutWidth,
            DepthwiseTask.InputGradient => geometry.Height * geometry.Width,
            _ => geometry.Positions,
        };
        _starts = memory;
        _pairs = memory + Results + 1;
        new Span<int>(_starts, Results + 1).Clear();
        // Counted first, then filled in: the entries of a result lie together.
        for (int pass = 0; pass < 2; pass++)
        {
            for (int y = 0; y < geometry.OutHeight; y++)
                for (int x = 0; x < geometry.OutWidth; x++) Visit(task, geometry, y, x, width, pass == 1);
            if (pass == 1) break;
            for (int i = 0; i < Results; i++) _starts[i + 1] += _starts[i];
        }
        // Filling moved each start to the next one's place.
        for (int i = Results; i > 0; i--) _starts[i] = _starts[i - 1];
        _starts[0] = 0;
    }

    /// <summary>Number of results.</summary>
    public int Results { get; }

    /// <summary>Numbers that the table of a geometry needs at most.</summary>
    public static int Size(in WindowGeometry geometry) =>
        Math.Max(Math.Max(geometry.OutHeight * geometry.OutWidth, geometry.Height * geometry.Width), geometry.Positions) + 1 + 2 * geometry.OutHeight * geometry.OutWidth * geometry.Positions;

    /// <summary>results[r] = start[0] + Σ one[i]·other[j] over the pairs of r, a register each; <paramref name="start"/> may be null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Combine<T>(float* one, float* other, float* start, float* results) where T : unmanaged, ISimd<T>
    {
        var zero = start == null ? default : T.Load(start);
        for (int r = 0; r < Results; r++)
        {
            int* pair = _pairs + 2 * _starts[r], end = _pairs + 2 * _starts[r + 1];
            T a = zero, b = default, c = default, d = default;
            for (; pair + 8 <= end; pair += 8)
            {
                a = T.MultiplyAdd(T.Load(one + pair[0]), T.Load(other + pair[1]), a);
                b = T.MultiplyAdd(T.Load(one + pair[2]), T.Load(other + pair[3]), b);
                c = T.MultiplyAdd(T.Load(one + pair[4]), T.Load(other + pair[5]), c);
                d = T.MultiplyAdd(T.Load(one + pair[6]), T.Load(other + pair[7]), d);
            }
            for (; pair < end; pair += 2) b = T.MultiplyAdd(T.Load(one + pair[0]), T.Load(other + pair[1]), b);
            T.Store((a + b) + (c + d), results + (nint)r * T.Count);
        }
    }

    private void Visit(DepthwiseTask task, in WindowGeometry geometry, int y, int x, int width, bool fill)
    {
        for (int k = 0; k < geometry.Positions; k++)
        {
            int row = y * geometry.StrideY - geometry.Top + k / geometry.KernelWidth, column = x * geometry.StrideX - geometry.Left + k % geometry.KernelWidth;
            if ((uint)row >= (uint)geometry.Height || (uint)column >= (uint)geometry.Width) continue;
            int input = row * geometry.Width + column, output = y * geometry.OutWidth + x;
            var (result, one, other) = task switch
            {
                DepthwiseTask.Forward => (output, k, input),
                DepthwiseTask.InputGradient => (input, k, output),
                _ => (k, output, input),
            };
            if (!fill)
            {
                _starts[result + 1]++;
                continue;
            }
            int at = 2 * _starts[result]++;
            (_pairs[at], _pairs[at + 1]) = (one * width, other * width);
        }
    }
}
