namespace Haq.Engine.Runtime.Kernels;

/// <summary>Gradient of a depthwise convolution with respect to its weights [C,1,kh,kw]. Inputs (dy, x).</summary>
internal sealed unsafe class DepthwiseConvWeightGradientKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly int[] _strides = attributes.Integers("strides"), _pads = attributes.Integers("pads"), _kernel = attributes.Integers("kernel");

    public override void Compute(in KernelContext context)
    {
        Span<long> dy = stackalloc long[4], x = stackalloc long[4];
        if (context.Shape(0, dy) != 4 || context.Shape(1, x) != 4 || x[0] != dy[0] || x[1] != dy[1]) throw new InvalidOperationException("needs two maps [N,C,H,W] of equal N and C");
        var work = new DepthwiseWork
        {
            Task = DepthwiseTask.WeightGradient, Bits = VectorBits, Batch = (int)x[0], Channels = (int)x[1],
            Parts = DepthwiseWork.PartsFor(DepthwiseTask.WeightGradient, (int)x[0], (int)x[1]),
            Geometry = new WindowGeometry((int)x[2], (int)x[3], (int)dy[2], (int)dy[3], _kernel[0], _kernel[1], _strides[0], _strides[1], 1, 1, _pads[0], _pads[1]),
            Output = context.Input(0), Input = context.Input(1), Weights = context.Output(0, [x[1], 1, _kernel[0], _kernel[1]]),
        };
        context.Parallel(work.Parts, ref work);
    }
}
