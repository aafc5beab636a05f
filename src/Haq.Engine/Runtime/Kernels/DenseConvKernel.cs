namespace Haq.Engine.Runtime.Kernels;

/// <summary>A dense two-dimensional convolution whose weights change from run to run. Inputs (x [N,C,H,W], weights [M,C,kh,kw], bias [M] or none).</summary>
internal sealed unsafe class DenseConvKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly int[] _strides = attributes.Integers("strides"), _dilations = attributes.Integers("dilations"), _pads = attributes.Integers("pads");

    public override void Compute(in KernelContext context)
    {
        Span<long> x = stackalloc long[4], w = stackalloc long[4];
        if (context.Shape(0, x) != 4 || context.Shape(1, w) != 4 || w[1] != x[1]) throw new InvalidOperationException("needs [N,C,H,W] and [M,C,kh,kw]");
        int outHeight = (int)((x[2] + _pads[0] + _pads[2] - ((w[2] - 1) * _dilations[0] + 1)) / _strides[0] + 1);
        int outWidth = (int)((x[3] + _pads[1] + _pads[3] - ((w[3] - 1) * _dilations[1] + 1)) / _strides[1] + 1);
        var geometry = new WindowGeometry(
            (int)x[2], (int)x[3], outHeight, outWidth, (int)w[2], (int)w[3], _strides[0], _strides[1], _dilations[0], _dilations[1], _pads[0], _pads[1]);
        if (PointwiseWork.Fits(geometry, VectorBits))
        {
            var pointwise = new PointwiseWork
            {
                Bits = VectorBits, Read = (int)x[1], Written = (int)w[0], Plane = outHeight * outWidth, Weights = context.Input(1), Bias = context.InputCount > 2 ? context.Input(2) : null,
                To = context.Output(0, [x[0], w[0], outHeight, outWidth]), Pixels = new PointwisePixels((int)x[0], (int)x[1], outHeight * outWidth, VectorBits, context.Input(0)),
            };
            context.Parallel(pointwise.Pixels.Parts, ref pointwise.Pixels);
            context.Parallel(pointwise.Parts, ref pointwise);
            return;
        }
        var work = new DenseConvWork
        {
            Bits = VectorBits, Batch = (int)x[0], Read = (int)x[1], Geometry = geometry, From = context.Input(0), To = context.Output(0, [x[0], w[0], outHeight, outWidth]),
            Weights = new DenseWeights(false, geometry, (int)x[1], (int)w[0], VectorBits, context.Input(1), context.InputCount > 2 ? context.Input(2) : null),
        };
        context.Parallel(work.Weights.Parts, ref work.Weights);
        work.Plan();
        context.Parallel(work.Parts, ref work);
    }
}
