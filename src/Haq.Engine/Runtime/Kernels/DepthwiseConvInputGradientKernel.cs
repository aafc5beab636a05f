namespace Haq.Engine.Runtime.Kernels;

/// <summary>Gradient of a depthwise convolution with respect to its input. Inputs (dy, weights [C,1,kh,kw]); the input's extents are the attribute <c>size</c>.</summary>
internal sealed unsafe class DepthwiseConvInputGradientKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly int[] _strides = attributes.Integers("strides"), _pads = attributes.Integers("pads"), _size = attributes.Integers("size");

    public override void Compute(in KernelContext context)
    {
        Span<long> dy = stackalloc long[4], w = stackalloc long[4];
        if (context.Shape(0, dy) != 4 || context.Shape(1, w) != 4 || w[0] != dy[1] || w[1] != 1) throw new InvalidOperationException("needs [N,C,H,W] and [C,1,kh,kw]");
        var work = new DepthwiseWork
        {
            Task = DepthwiseTask.InputGradient, Bits = VectorBits, Batch = (int)dy[0], Channels = (int)dy[1],
            Parts = DepthwiseWork.PartsFor(DepthwiseTask.InputGradient, (int)dy[0], (int)dy[1]),
            Geometry = new WindowGeometry(_size[0], _size[1], (int)dy[2], (int)dy[3], (int)w[2], (int)w[3], _strides[0], _strides[1], 1, 1, _pads[0], _pads[1]),
            Output = context.Input(0), Weights = context.Input(1), Input = context.Output(0, [dy[0], dy[1], _size[0], _size[1]]),
        };
        context.Parallel(work.Parts, ref work);
    }
}
