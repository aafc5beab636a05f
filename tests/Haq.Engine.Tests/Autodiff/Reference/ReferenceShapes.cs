namespace Haq.Engine.Tests.Autodiff.Reference;

/// <summary>Operators that move or select elements.</summary>
internal static class ReferenceShapes
{
    public static NdArray[] Reshape(ReferenceNode n)
    {
        int[] shape = [.. n.Integers(1).Select((extent, i) => extent == 0 ? n.X.Shape[i] : extent)];
        int open = Array.IndexOf(shape, -1);
        if (open >= 0) shape[open] = n.X.Data.Length / -shape.Aggregate(1, (p, e) => p * e);
        return [n.X.Reshaped(shape)];
    }

    public static NdArray[] Flatten(ReferenceNode n)
    {
        int axis = (int)n.Int("axis", 1);
        int rows = NdArray.Count(n.X.Shape[..axis]);
        return [n.X.Reshaped(rows, n.X.Data.Length / rows)];
    }

    public static NdArray[] Squeeze(ReferenceNode n)
    {
        int[] axes = n.Has(1) ? [.. n.Integers(1).Select(a => (a + n.X.Rank) % n.X.Rank)] : [.. Enumerable.Range(0, n.X.Rank).Where(i => n.X.Shape[i] == 1)];
        return [n.X.Reshaped([.. n.X.Shape.Where((_, i) => !axes.Contains(i))])];
    }

    public static NdArray[] Unsqueeze(ReferenceNode n)
    {
        int rank = n.X.Rank + n[1].Data.Length;
        var axes = n.Integers(1).Select(a => (a + rank) % rank).ToHashSet();
        var rest = new Queue<int>(n.X.Shape);
        return [n.X.Reshaped([.. Enumerable.Range(0, rank).Select(i => axes.Contains(i) ? 1 : rest.Dequeue())])];
    }

    public static NdArray[] Transpose(ReferenceNode n)
    {
        int[] order = n.Ints("perm") ?? [.. Enumerable.Range(0, n.X.Rank).Reverse()];
        return
        [
            NdArray.From([.. order.Select(o => n.X.Shape[o])], i =>
            {
                int[] source = new int[i.Length];
                for (int a = 0; a < i.Length; a++) source[order[a]] = i[a];
                return n.X[source];
            }),
        ];
    }

    public static NdArray[] Expand(ReferenceNode n) =>
        [NdArray.From(ReferenceOperators.Shape([n.X, new NdArray(n.Integers(1))]), i => n.X.Broadcast(i))];

    public static NdArray[] Tile(ReferenceNode n) =>
        [NdArray.From([.. n.X.Shape.Zip(n.Integers(1), (e, r) => e * r)], i => n.X[[.. i.Select((at, a) => at % n.X.Shape[a])]])];

    public static NdArray[] Concat(ReferenceNode n)
    {
        int axis = n.Axis("axis", 0, n.X.Rank);
        int[] shape = [.. n.X.Shape];
        shape[axis] = n.Inputs.Sum(a => a!.Shape[axis]);
        return
        [
            NdArray.From(shape, i =>
            {
                int[] at = [.. i];
                int part = 0;
                for (; at[axis] >= n[part].Shape[axis]; part++) at[axis] -= n[part].Shape[axis];
                return n[part][at];
            }),
        ];
    }

    public static NdArray[] Split(ReferenceNode n)
    {
        int axis = n.Axis("axis", 0, n.X.Rank), start = 0;
        int parts = n.Proto.Output.Count;
        int[] sizes = n.Has(1) ? n.Integers(1) : [.. Enumerable.Repeat(n.X.Shape[axis] / parts, parts)];
        var outputs = new List<NdArray>();
        foreach (int size in sizes)
        {
            int from = start;
            int[] shape = [.. n.X.Shape];
            shape[axis] = size;
            outputs.Add(NdArray.From(shape, i => n.X[[.. i.Select((at, a) => a == axis ? at + from : at)]]));
            start += size;
        }
        return [.. outputs];
    }

    public static NdArray[] DepthToSpace(ReferenceNode n)
    {
        int b = (int)n.Int("blocksize", 0), channels = n.X.Shape[1] / (b * b);
        bool depthFirst = n.Text("mode", "DCR") == "DCR";
        return
        [
            NdArray.From([n.X.Shape[0], channels, n.X.Shape[2] * b, n.X.Shape[3] * b], i =>
            {
                int within = i[2] % b * b + i[3] % b;
                return n.X[i[0], depthFirst ? within * channels + i[1] : i[1] * b * b + within, i[2] / b, i[3] / b];
            }),
        ];
    }

    public static NdArray[] SpaceToDepth(ReferenceNode n)
    {
        int b = (int)n.Int("blocksize", 0), channels = n.X.Shape[1];
        return
        [
            NdArray.From([n.X.Shape[0], channels * b * b, n.X.Shape[2] / b, n.X.Shape[3] / b], i =>
                n.X[i[0], i[1] % channels, i[2] * b + i[1] / channels / b, i[3] * b + i[1] / channels % b]),
        ];
    }

    public static NdArray[] Slice(ReferenceNode n)
    {
        int[] starts = n.Integers(1), ends = n.Integers(2), axes = n.Has(3) ? n.Integers(3) : [.. Enumerable.Range(0, starts.Length)];
        int[] steps = n.Has(4) ? n.Integers(4) : [.. Enumerable.Repeat(1, starts.Length)];
        int[] shape = [.. n.X.Shape], from = new int[n.X.Rank], by = [.. Enumerable.Repeat(1, n.X.Rank)];
        for (int k = 0; k < starts.Length; k++)
        {
            int a = (axes[k] + n.X.Rank) % n.X.Rank, extent = n.X.Shape[a];
            long first = starts[k] < 0 ? starts[k] + (long)extent : starts[k], last = ends[k] < 0 ? ends[k] + (long)extent : ends[k];
            (first, last) = steps[k] > 0 ? (Math.Clamp(first, 0, extent), Math.Clamp(last, 0, extent)) : (Math.Clamp(first, 0, extent - 1), Math.Clamp(last, -1, extent - 1));
            (from[a], by[a]) = ((int)first, steps[k]);
            shape[a] = (int)Math.Max(0, Math.Ceiling((double)(last - first) / steps[k]));
        }
        return [NdArray.From(shape, i => n.X[[.. i.Select((at, a) => from[a] + at * by[a])]])];
    }

    public static NdArray[] Gather(ReferenceNode n)
    {
        int axis = n.Axis("axis", 0, n.X.Rank), picked = n[1].Rank;
        return
        [
            NdArray.From([.. n.X.Shape[..axis], .. n[1].Shape, .. n.X.Shape[(axis + 1)..]], i =>
            {
                int row = (int)n[1][i[axis..(axis + picked)]];
                return n.X[[.. i[..axis], row < 0 ? row + n.X.Shape[axis] : row, .. i[(axis + picked)..]]];
            }),
        ];
    }

    public static NdArray[] GatherElements(ReferenceNode n)
    {
        int axis = n.Axis("axis", 0, n.X.Rank);
        return
        [
            NdArray.From(n[1].Shape, i =>
            {
                int[] at = [.. i];
                at[axis] = (int)n[1][i];
                if (at[axis] < 0) at[axis] += n.X.Shape[axis];
                return n.X[at];
            }),
        ];
    }

    public static NdArray[] Pad(ReferenceNode n)
    {
        int[] pads = n.Integers(1);
        int rank = n.X.Rank;
        string mode = n.Text("mode", "constant");
        double fill = n.Has(2) ? n[2].Data[0] : 0;
        return
        [
            NdArray.From([.. n.X.Shape.Select((e, a) => e + pads[a] + pads[a + rank])], i =>
            {
                int[] at = [.. i.Select((p, a) => p - pads[a])];
                for (int a = 0; a < rank; a++)
                {
                    int extent = n.X.Shape[a];
                    if (at[a] >= 0 && at[a] < extent) continue;
                    if (mode == "constant") return fill;
                    at[a] = mode == "edge" ? Math.Clamp(at[a], 0, extent - 1) : at[a] < 0 ? -at[a] : 2 * (extent - 1) - at[a];
                }
                return n.X[at];
            }),
        ];
    }
}
