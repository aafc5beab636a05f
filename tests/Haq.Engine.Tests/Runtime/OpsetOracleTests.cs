using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Tests.Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>A raised model computes what it computed before.</summary>
public sealed class OpsetOracleTests
{
    public static TheoryData<string, int> Files
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string file in RealModels.Models) data.Add(file, 21);
            foreach (string file in RealModels.QuickZoo) data.Add(file, file.Contains("snips", StringComparison.Ordinal) ? 19 : file.Length % 2 == 0 ? 21 : 25); // snips has INT8: see OrtFactsTests
            return data;
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void A_raised_model_computes_the_same(string file, int opset)
    {
        var model = OnnxModel.Load(Shared.File(file));
        string digest = model.Digest();
        var raised = OpsetUpgrade.Raise(model, opset);
        Assert.Equal(digest, model.Digest());
        Assert.Equal(opset, raised.OpsetOf());
        _ = OnnxModel.Parse(raised.ToBytes(), file);
        Dictionary<string, float[]> before;
        var shapes = RealModels.ShapesFor(file);
        if (new GraphView(model).Inputs.Any(i => i.Type.TensorType.ElemType == (int)DataType.String)) return; // nothing numeric to feed
        try
        {
            using var inputs = new RandomInputs(model, shapes);
            before = inputs.Run(model);
            RandomInputs.AssertClose(before, inputs.Run(raised));
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.RuntimeRefused)
        {
            // Operators that ONNX Runtime does not have: it refuses both alike, and for the operator, not for the version.
            TestContext.Current.TestOutputHelper!.WriteLine(e.Message);
            Assert.Contains(file, new[] { "zoo/brevitas_tfc_2w2a_qonnx.onnx", "zoo/tf2onnx19_qkeras_jettagging_qonnx.onnx", "zoo/ortext_hfberttokenizer_customop.onnx" });
        }
    }
}
