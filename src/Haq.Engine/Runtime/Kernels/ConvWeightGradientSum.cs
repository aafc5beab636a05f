namespace Haq.Engine.Runtime.Kernels;

/// <summary>Adds the parts' sums, always in the same order.</summary>
internal readonly unsafe struct ConvWeightGradientSum(ConvWeightGradientWork work) : IParallelBody
{
    private const long Block = 1 << 15;

    public int Parts => (int)((work.Count + Block - 1) / Block);

    public void Run(int part)
    {
        long from = part * Block, to = Math.Min(work.Count, from + Block);
        int count = (int)(to - from);
        var result = new Span<float>(work.Result + from, count);
        new ReadOnlySpan<float>(work.Partial + from, count).CopyTo(result);
        for (int other = 1; other < work.Parts; other++)
            System.Numerics.Tensors.TensorPrimitives.Add(result, new ReadOnlySpan<float>(work.Partial + other * work.Count + from, count), result);
    }
}
