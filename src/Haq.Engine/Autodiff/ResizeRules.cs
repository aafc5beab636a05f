using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>Resize: separable, so per axis a constant matrix whatever the interpolation and the coordinate transformation.</summary>
internal static class ResizeRules
{
    private static readonly string[] s_transformations =
        ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"];

    public static GradientRule[] All { get; } =
    [
        new("Resize", Resize,
        [
            Scaled("nearest", "asymmetric", 2f, 2f), Scaled("nearest", "half_pixel", 1.5f, 0.5f), Scaled("linear", "half_pixel", 2f, 1.5f),
            Scaled("linear", "asymmetric", 2f, 0.5f), Scaled("linear", "align_corners", 2f, 2f), Scaled("cubic", "half_pixel", 2f, 1.5f),
            new([Real(1, 2, 4, 5), null, null, Integers(1, 2, 7, 3)], Attributes.Of("mode", "linear"), Attributes.Of("coordinate_transformation_mode", "pytorch_half_pixel")),
            new([Real(1, 2, 4, 5), null, null, Integers(1, 2, 8, 10)], Attributes.Of("mode", "nearest"), Attributes.Of("nearest_mode", "floor")),
            new([Real(1, 2, 4, 5), null, null, Integers(1, 2, 6, 8)], Attributes.Of("mode", "nearest"), Attributes.Of("nearest_mode", "round_prefer_ceil")),
        ])
        {
            Refuse = c =>
            {
                if (c.Int("antialias", 0) != 0) return "its antialias is on";
                string transformation = c.Text("coordinate_transformation_mode", "half_pixel");
                return s_transformations.Contains(transformation) ? c.NeedsConstant(2, 3) : $"its coordinate_transformation_mode is {transformation}";
            },
        },
    ];

    private static RuleExample Scaled(string mode, string transformation, float height, float width) =>
        new([Real(1, 2, 4, 6), null, Numbers(1, 1, height, width)],
            Attributes.Of("mode", mode), Attributes.Of("coordinate_transformation_mode", transformation));

    private static void Resize(GradientContext c) => c.Give(0, () =>
    {
        int[] axes = c.Ints("axes") is { } given ? [.. given.Select(a => GradientContext.Wrap(a, c.X.Rank))] : [.. Enumerable.Range(0, c.X.Rank)];
        float[]? scales = c.Floats(2);
        var dx = c.Gradient;
        for (int i = 0; i < axes.Length; i++)
        {
            int input = c.X.Shape[axes[i]], output = c.Y.Shape[axes[i]];
            float scale = scales is null ? (float)output / input : scales[i];
            if (input == output && scale == 1) continue;
            dx = AxisMap.Transposed(c.Graph, dx, axes[i], Matrix(c, input, output, scale));
        }
        return dx;
    });

    private static float[,] Matrix(GradientContext c, int input, int output, float scale)
    {
        string transformation = c.Text("coordinate_transformation_mode", "half_pixel"), mode = c.Text("mode", "nearest");
        var matrix = new float[output, input];
        for (int o = 0; o < output; o++)
        {
            float at = Original(transformation, o, input, output, scale);
            switch (mode)
            {
                case "nearest":
                    matrix[o, Math.Clamp(Nearest(c.Text("nearest_mode", "round_prefer_floor"), at), 0, input - 1)] = 1;
                    break;
                case "linear":
                    at = Math.Clamp(at, 0, input - 1);
                    int low = (int)MathF.Floor(at), high = Math.Min(low + 1, input - 1);
                    matrix[o, low] += 1 - (at - low);
                    matrix[o, high] += at - low;
                    break;
                default:
                    AddCubic(matrix, o, at, c.Float("cubic_coeff_a", -0.75f), c.Int("exclude_outside", 0) != 0);
                    break;
            }
        }
        return matrix;
    }

    // The coordinate transformations of the operator's specification.
    private static float Original(string transformation, int o, int input, int output, float scale) => transformation switch
    {
        "align_corners" => output == 1 ? 0 : (float)o * (input - 1) / (output - 1),
        "asymmetric" => o / scale,
        "pytorch_half_pixel" => output > 1 ? (o + 0.5f) / scale - 0.5f : 0,
        "half_pixel_symmetric" => input / 2f * (1 - output / (scale * input)) + (o + 0.5f) / scale - 0.5f,
        _ => (o + 0.5f) / scale - 0.5f,
    };

    private static int Nearest(string mode, float at) => mode switch
    {
        "floor" => (int)MathF.Floor(at),
        "ceil" => (int)MathF.Ceiling(at),
        "round_prefer_ceil" => (int)MathF.Floor(at + 0.5f),
        _ => (int)MathF.Ceiling(at - 0.5f),
    };

    // Keys' cubic convolution; positions outside repeat the edge, or are left out and the rest rescaled.
    private static void AddCubic(float[,] matrix, int o, float at, float a, bool excludeOutside)
    {
        int inputs = matrix.GetLength(1), first = (int)MathF.Floor(at) - 1;
        Span<float> weights = stackalloc float[4];
        float total = 0;
        for (int k = 0; k < 4; k++)
        {
            float d = MathF.Abs(at - (first + k));
            weights[k] = d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
            if (excludeOutside && (first + k < 0 || first + k >= inputs)) weights[k] = 0;
            total += weights[k];
        }
        for (int k = 0; k < 4; k++) matrix[o, Math.Clamp(first + k, 0, inputs - 1)] += excludeOutside ? weights[k] / total : weights[k];
    }
}
