namespace Haq.Engine.Runtime.Kernels;

/// <summary>Gradient of a dense two-dimensional convolution with respect to its weights [M,C,kh,kw]. Inputs (dy [N,M,·,·], x [N,C,·,·]).</summary>
internal sealed unsafe class ConvWeightGradientKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly int[] _kernel = attributes.Integers("kernel"), _strides = attributes.Integers("strides"), _dilations = attributes.Integers("dilations"), _pads = attributes.Integers("pads");

    public override void Compute(in KernelContext context)
    {
        Span<long> dy = stackalloc long[4], x = stackalloc long[4];
        if (context.Shape(0, dy) != 4 || context.Shape(1, x) != 4 || x[0] != dy[0]) throw new InvalidOperationException("needs two maps [N,·,H,W] of equal N");
        var geometry = new WindowGeometry(
            (int)x[2], (int)x[3], (int)dy[2], (int)dy[3], _kernel[0], _kernel[1], _strides[0], _strides[1], _dilations[0], _dilations[1], _pads[0], _pads[1]);
        var work = new ConvWeightGradientWork
        {
            Bits = VectorBits, Geometry = geometry, Batch = (int)x[0], Channels = (int)x[1], Outputs = (int)dy[1], Gradient = context.Input(0), Input = context.Input(1),
            Result = context.Output(0, [dy[1], x[1], _kernel[0], _kernel[1]]),
        };
        work.Plan();
        context.Parallel(work.Parts, ref work);
        var sum = new ConvWeightGradientSum(work);
        context.Parallel(sum.Parts, ref sum);
    }
}
