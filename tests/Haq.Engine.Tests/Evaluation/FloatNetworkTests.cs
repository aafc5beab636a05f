using Haq.Engine.Evaluation;
using Haq.Engine.Pipeline.Repairs;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Evaluation;

public sealed class FloatNetworkTests
{
    [Fact]
    public void One_session_serves_all_who_compare_with_a_model_and_outlives_them()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(24);
        using var network = new FloatNetwork(quantizer.Model.Float);
        var session = network.Session;
        using var alone = new EvaluationSet(quantizer.Model.Float, images);
        using (var shared = new EvaluationSet(network, images)) Assert.Equal(alone.FloatSamples, shared.FloatSamples);
        // What does not fit the memory for references is computed again in the shared session.
        using (var forgetful = new EvaluationSet(network, images, new EvaluationOptions { ReferenceMemory = 0 })) Assert.Equal(alone.FloatSamples, forgetful.RunFloat(CancellationToken.None));
        var check = new OutputCheck(network, images, CancellationToken.None);
        Assert.InRange(check.Worst(quantizer.Quantize(MeasuredEvaluatorTests.Mixed(quantizer, "float", 8))).Cosine, 0.9, 1);
        Assert.Same(session, network.Session);
        network.Rest();
        Assert.Same(session, network.Session);
        using var input = OrtTensor.Zeros(session.Inputs[0].Type, [1, .. session.Inputs[0].Shape.AsSpan()[1..]]);
        Assert.NotEmpty(session.Run(new Dictionary<string, OrtTensor> { [session.Inputs[0].Name] = input }));
    }
}
