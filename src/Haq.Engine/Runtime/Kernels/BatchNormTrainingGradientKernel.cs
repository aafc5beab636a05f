namespace Haq.Engine.Runtime.Kernels;

/// <summary>Gradient of <see cref="BatchNormTrainingKernel"/>. Inputs (dy, x, scale, mean, variance, bias where it clips), outputs (dx, dscale, dbias).</summary>
internal sealed unsafe class BatchNormTrainingGradientKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly float _epsilon = attributes.Number("epsilon"), _low = attributes.Number("low"), _high = attributes.Number("high");

    public override void Compute(in KernelContext context)
    {
        Span<long> shape = stackalloc long[8];
        shape = shape[..context.Shape(1, shape)];
        var work = new BatchNormWork(shape)
        {
            Backward = true, Bits = VectorBits, Epsilon = _epsilon, Low = _low, High = _high, Gradient = context.Input(0), X = context.Input(1), Scale = context.Input(2),
            Mean = context.Input(3), Bias = context.InputCount > 5 ? context.Input(5) : null, Variance = context.Input(4), Y = context.Output(0, shape),
            ScaleGradient = context.Output(1, [shape[1]]), BiasGradient = context.Output(2, [shape[1]]),
        };
        context.Parallel(work.Parts, ref work);
    }
}
