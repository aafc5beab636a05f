using Haq.Engine.Onnx;
using Onnx;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Runtime;

namespace Haq.Engine.Tests.Quantization.Export;

public sealed class LoosenedClipsTests
{
    [Theory]
    [InlineData(254.4f, false)]
    [InlineData(254.6f, true)]
    [InlineData(254.99f, true)]
    [InlineData(255f, false)]
    [InlineData(15f, false)]
    public void A_clip_that_changes_no_integer_gets_the_ranges_own_limits(float top, bool moves)
    {
        var model = ClippedProduct.Of(6 / top);
        float[] x = [.. Enumerable.Range(0, 32).Select(i => (float)Math.Sin(i) * 5)];
        float[] before = Run(model, x, KeptAsWritten);
        LoosenedClips.Apply(model);
        var view = new GraphView(model);
        float high = view.Floats(model.Graph.Node.Single(n => n.Is(OpNames.Clip)).Input[2])![0];
        Assert.Equal(moves ? 6 / top * 255 : 6, high);
        Assert.Equal(before, Run(model, x, KeptAsWritten));
        Assert.Contains(before, v => v > 5.9f);
        // A user's session: as integers, rounded once instead of twice.
        Assert.All(Run(model, x, SessionSettings.Default).Zip(before), p => Assert.InRange(p.First, p.Second - 6 / top * 1.001f, p.Second + 6 / top * 1.001f));
    }

    private static SessionSettings KeptAsWritten => new() { KeepQuantizationAsWritten = true };

    private static float[] Run(OnnxModel model, float[] x, SessionSettings settings)
    {
        using var session = new OrtSession(model, settings);
        using var input = OrtTensor.Of<float>(x, 4, 8);
        using var output = session.Run(new Dictionary<string, OrtTensor> { ["x"] = input })[0];
        return output.ToFloats();
    }
}
