namespace Haq.Engine.Runtime.Kernels;

/// <summary>Depthwise convolution. Inputs (x [N,C,H,W], weights [C,1,kh,kw], bias [C] or none).</summary>
internal sealed unsafe class DepthwiseConvKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly int[] _strides = attributes.Integers("strides"), _pads = attributes.Integers("pads");

    public override void Compute(in KernelContext context)
    {
        Span<long> x = stackalloc long[4], w = stackalloc long[4];
        if (context.Shape(0, x) != 4 || context.Shape(1, w) != 4 || w[0] != x[1] || w[1] != 1) throw new InvalidOperationException("needs [N,C,H,W] and [C,1,kh,kw]");
        int outHeight = (int)((x[2] + _pads[0] + _pads[2] - w[2]) / _strides[0] + 1), outWidth = (int)((x[3] + _pads[1] + _pads[3] - w[3]) / _strides[1] + 1);
        var work = new DepthwiseWork
        {
            Task = DepthwiseTask.Forward, Bits = VectorBits, Batch = (int)x[0], Channels = (int)x[1], Parts = DepthwiseWork.PartsFor(DepthwiseTask.Forward, (int)x[0], (int)x[1]),
            Geometry = new WindowGeometry((int)x[2], (int)x[3], outHeight, outWidth, (int)w[2], (int)w[3], _strides[0], _strides[1], 1, 1, _pads[0], _pads[1]),
            Input = context.Input(0), Weights = context.Input(1), Bias = context.InputCount > 2 ? context.Input(2) : null,
            Output = context.Output(0, [x[0], x[1], outHeight, outWidth]),
        };
        context.Parallel(work.Parts, ref work);
    }
}
