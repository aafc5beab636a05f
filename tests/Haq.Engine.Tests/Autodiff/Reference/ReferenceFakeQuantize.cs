using System.Runtime.CompilerServices;

namespace Haq.Engine.Tests.Autodiff.Reference;

/// <summary>
/// A differentiable stand-in for the fake quantizer, whose derivative is by definition what the straight-through and LSQ papers prescribe: at the first
/// call, the base point, the rounding residual is remembered and from then on added as a constant.
/// </summary>
internal static class ReferenceFakeQuantize
{
    private static readonly ConditionalWeakTable<object, double[]> s_residuals = [];

    public static NdArray[] Run(ReferenceNode n)
    {
        double low = n[2].Data[0], high = n[2].Data[1], offset = n[2].Data[2];
        int axis = (int)n.Int("axis", 0);
        bool clipping = n.Int("clipping", 0) != 0;
        double Step(int[] i) => n[1].Data[n[1].Data.Length == 1 ? 0 : i[axis]];
        if (!s_residuals.TryGetValue(n.Proto, out double[]? residuals))
        {
            // LSQ: y = s·(x/s + r), so that dy/ds = r. PACT: y = x + s₀·r, which does not depend on s.
            residuals = NdArray.From(n.X.Shape, i =>
            {
                double v = n.X[i] / Step(i), rounded = Math.Clamp(Math.Round(v - offset) + offset, low, high);
                return (rounded - v) * (clipping ? Step(i) : 1);
            }).Data;
            s_residuals.Add(n.Proto, residuals);
        }
        int at = 0;
        return
        [
            NdArray.From(n.X.Shape, i =>
            {
                double residual = residuals[at++], v = n.X[i] / Step(i);
                if (v < low) return low * Step(i);
                if (v > high) return high * Step(i);
                return clipping ? n.X[i] + residual : Step(i) * (v + residual);
            }),
        ];
    }
}
