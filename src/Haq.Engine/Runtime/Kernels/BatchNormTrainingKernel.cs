namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Batch normalization with the batch's own statistics, and what is made clipped to the attributes <c>low</c> and <c>high</c>. Inputs (x [N,C,…], scale [C], bias [C]), outputs
/// (y, mean [C], variance [C]).
/// </summary>
internal sealed unsafe class BatchNormTrainingKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly float _epsilon = attributes.Number("epsilon"), _low = attributes.Number("low"), _high = attributes.Number("high");

    public override void Compute(in KernelContext context)
    {
        Span<long> shape = stackalloc long[8];
        shape = shape[..context.Shape(0, shape)];
        var work = new BatchNormWork(shape)
        {
            Bits = VectorBits, Epsilon = _epsilon, Low = _low, High = _high, X = context.Input(0), Scale = context.Input(1), Bias = context.Input(2),
            Y = context.Output(0, shape), Mean = context.Output(1, [shape[1]]), Variance = context.Output(2, [shape[1]]),
        };
        context.Parallel(work.Parts, ref work);
    }
}
