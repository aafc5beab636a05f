namespace Haq.Engine.Tests.Autodiff.Reference;

/// <summary>Reductions and normalizations.</summary>
internal static class ReferenceReductions
{
    public static NdArray Over(NdArray x, int[] axes, bool keep, Func<IEnumerable<double>, double> reduce)
    {
        int[] kept = [.. x.Shape.Select((extent, i) => axes.Contains(i) ? 1 : extent)];
        int[] gone = [.. x.Shape.Select((extent, i) => axes.Contains(i) ? extent : 1)];
        var result = NdArray.From(kept, i =>
        {
            var values = new List<double>();
            NdArray.ForEach(gone, j => values.Add(x[[.. i.Select((at, d) => at + j[d])]]));
            return reduce(values);
        });
        return keep ? result : result.Reshaped([.. x.Shape.Where((_, i) => !axes.Contains(i))]);
    }

    public static Func<ReferenceNode, NdArray[]> Node(Func<IEnumerable<double>, double> reduce) => n =>
    {
        int[] axes = n.Has(1) ? [.. n.Integers(1).Select(a => (a + n.X.Rank) % n.X.Rank)] : [];
        if (axes.Length == 0 && n.Int("noop_with_empty_axes", 0) != 0) return [n.X.Map(v => reduce([v]))];
        if (axes.Length == 0) axes = [.. Enumerable.Range(0, n.X.Rank)];
        return [Over(n.X, axes, n.Int("keepdims", 1) != 0, reduce)];
    };

    public static NdArray[] BatchNormalization(ReferenceNode n)
    {
        double epsilon = n.Float("epsilon", 1e-5f);
        int[] axes = [0, .. Enumerable.Range(2, n.X.Rank - 2)];
        bool training = n.Int("training_mode", 0) != 0;
        var mean = training ? Over(n.X, axes, false, v => v.Average()) : n[3];
        var variance = training ? Over(n.X, axes, false, Variance) : n[4];
        var y = NdArray.From(n.X.Shape, i => n[1][i[1]] * (n.X[i] - mean[i[1]]) / Math.Sqrt(variance[i[1]] + epsilon) + n[2][i[1]]);
        double momentum = n.Float("momentum", 0.9f);
        return training
            ? [y, NdArray.From(mean.Shape, i => momentum * n[3][i] + (1 - momentum) * mean[i]), NdArray.From(mean.Shape, i => momentum * n[4][i] + (1 - momentum) * variance[i])]
            : [y];
    }

    public static NdArray[] LayerNormalization(ReferenceNode n)
    {
        int first = n.Axis("axis", -1, n.X.Rank);
        var x = Standardized(n.X, [.. Enumerable.Range(first, n.X.Rank - first)], n.Float("epsilon", 1e-5f));
        return [NdArray.From(x.Shape, i => x[i] * n[1].Broadcast(i) + (n.Has(2) ? n[2].Broadcast(i) : 0))];
    }

    public static NdArray[] InstanceNormalization(ReferenceNode n)
    {
        var x = Standardized(n.X, [.. Enumerable.Range(2, n.X.Rank - 2)], n.Float("epsilon", 1e-5f));
        return [NdArray.From(x.Shape, i => x[i] * n[1][i[1]] + n[2][i[1]])];
    }

    public static NdArray[] GroupNormalization(ReferenceNode n)
    {
        int groups = (int)n.Int("num_groups", 1);
        var grouped = n.X.Reshaped(n.X.Shape[0], groups, n.X.Data.Length / n.X.Shape[0] / groups);
        var x = Standardized(grouped, [2], n.Float("epsilon", 1e-5f)).Reshaped(n.X.Shape);
        return [NdArray.From(x.Shape, i => x[i] * n[1][i[1]] + n[2][i[1]])];
    }

    private static NdArray Standardized(NdArray x, int[] axes, double epsilon)
    {
        var mean = Over(x, axes, true, v => v.Average());
        var variance = Over(x, axes, true, Variance);
        return NdArray.From(x.Shape, i => (x[i] - mean.Broadcast(i)) / Math.Sqrt(variance.Broadcast(i) + epsilon));
    }

    private static double Variance(IEnumerable<double> values)
    {
        double mean = values.Average();
        return values.Average(v => (v - mean) * (v - mean));
    }
}
