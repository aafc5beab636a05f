namespace Haq.Engine.Tests.Autodiff.Reference;

/// <summary>Resize by the formulas of the specification, one axis after the other.</summary>
internal static class ReferenceResize
{
    public static NdArray[] Run(ReferenceNode n)
    {
        var x = n.X;
        for (int a = 0; a < n.X.Rank; a++)
        {
            int axis = a, extent = n.X.Shape[a];
            double scale = n.Has(2) ? n[2].Data[a] : (double)n.Integers(3)[a] / extent;
            int size = n.Has(2) ? (int)Math.Floor(extent * scale) : n.Integers(3)[a];
            if (size == extent && scale == 1) continue;
            var source = x;
            int[] shape = [.. source.Shape];
            shape[axis] = size;
            x = NdArray.From(shape, i =>
            {
                double Read(int p) => source[[.. i.Select((at, d) => d == axis ? Math.Clamp(p, 0, extent - 1) : at)]];
                return Sample(n, Original(n, i[axis], extent, size, scale), extent, Read);
            });
        }
        return [x];
    }

    private static double Original(ReferenceNode n, int o, int extent, int size, double scale) =>
        n.Text("coordinate_transformation_mode", "half_pixel") switch
        {
            "asymmetric" => o / scale,
            "align_corners" => size == 1 ? 0 : (double)o * (extent - 1) / (size - 1),
            "pytorch_half_pixel" => size > 1 ? (o + 0.5) / scale - 0.5 : 0,
            _ => (o + 0.5) / scale - 0.5,
        };

    private static double Sample(ReferenceNode n, double at, int extent, Func<int, double> read)
    {
        switch (n.Text("mode", "nearest"))
        {
            case "nearest":
                return read((int)(n.Text("nearest_mode", "round_prefer_floor") switch
                {
                    "floor" => Math.Floor(at),
                    "ceil" => Math.Ceiling(at),
                    "round_prefer_ceil" => Math.Floor(at + 0.5),
                    _ => Math.Ceiling(at - 0.5),
                }));
            case "linear":
                at = Math.Clamp(at, 0, extent - 1);
                double fraction = at - Math.Floor(at);
                return (1 - fraction) * read((int)Math.Floor(at)) + fraction * read((int)Math.Floor(at) + 1);
            default:
                double sum = 0, a = -0.75;
                for (int p = (int)Math.Floor(at) - 1; p <= (int)Math.Floor(at) + 2; p++)
                {
                    double d = Math.Abs(at - p);
                    sum += read(p) * (d <= 1 ? (a + 2) * d * d * d - (a + 3) * d * d + 1 : a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a);
                }
                return sum;
        }
    }
}
