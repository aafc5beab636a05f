namespace Haq.Engine.Runtime.Kernels;

/// <summary>Batch normalization with the batch's own statistics. Inputs (x [N,C,…], scale [C], bias [C]), outputs (y, mean [C], variance [C]).</summary>
internal sealed unsafe class BatchNormTrainingKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly float _epsilon = attributes.Number("epsilon");

    public override void Compute(in KernelContext context)
    {
        Span<long> shape = stackalloc long[8];
        shape = shape[..context.Shape(0, shape)];
        var work = new BatchNormWork(shape)
        {
            Bits = VectorBits, Epsilon = _epsilon, X = context.Input(0), Scale = context.Input(1), Bias = context.Input(2), Y = context.Output(0, shape),
            Mean = context.Output(1, [shape[1]]), Variance = context.Output(2, [shape[1]]),
        };
        context.Parallel(work.Parts, ref work);
    }
}
