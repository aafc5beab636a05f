namespace Haq.Engine.Runtime.Kernels;

/// <summary>KL(target ‖ softmax(z)), mean over rows, and its gradient (softmax(z) − target)/rows. Inputs (z [N,classes], target [N,classes]), outputs (loss [1], dz).</summary>
internal sealed unsafe class SoftmaxDivergenceKernel : CustomKernel
{
    public override void Compute(in KernelContext context)
    {
        Span<long> shape = stackalloc long[2];
        if (context.Shape(0, shape) != 2) throw new InvalidOperationException("needs scores [N,classes]");
        int rows = (int)shape[0], classes = (int)shape[1];
        float* z = context.Input(0), target = context.Input(1), loss = context.Output(0, [1]), gradient = context.Output(1, shape);
        double total = 0;
        for (int row = 0; row < rows; row++, z += classes, target += classes, gradient += classes)
        {
            float max = float.NegativeInfinity;
            double sum = 0;
            for (int c = 0; c < classes; c++) max = MathF.Max(max, z[c]);
            for (int c = 0; c < classes; c++) sum += gradient[c] = MathF.Exp(z[c] - max);
            double logarithm = max + Math.Log(sum);
            for (int c = 0; c < classes; c++)
            {
                if (target[c] > 0) total += target[c] * (Math.Log(target[c]) - (z[c] - logarithm));
                gradient[c] = ((float)(gradient[c] / sum) - target[c]) / rows;
            }
        }
        loss[0] = (float)(total / rows);
    }
}
