using System.Numerics.Tensors;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>Adds the parts' sums of a block of output channels, always in the same order, and lays them out as the weights are.</summary>
internal readonly unsafe struct ConvWeightGradientSum(ConvWeightGradientWork work) : IParallelBody
{
    public int Parts => work.Blocks;

    public void Run(int part)
    {
        int count = checked(work.Block * work.Columns), m = part * work.Block;
        float* sums = work.Partial + (long)part * count;
        var total = new Span<float>(sums, count);
        for (int other = 1; other < work.ImageParts; other++) TensorPrimitives.Add(total, new ReadOnlySpan<float>(sums + other * work.Count, count), total);
        ChannelBlocks.Scatter(sums, work.Columns, Math.Min(work.Block, work.Outputs - m), work.Block, work.Result + (long)m * work.Columns);
    }
}
