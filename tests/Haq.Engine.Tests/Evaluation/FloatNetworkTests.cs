using Haq.Engine.Evaluation;
using Haq.Engine.Pipeline.Repairs;

namespace Haq.Engine.Tests.Evaluation;

public sealed class FloatNetworkTests
{
    [Fact]
    public void One_session_serves_all_who_compare_with_a_model_and_outlives_them()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(24);
        using var network = new FloatNetwork(quantizer.Model.Float);
        using var use = network.Use();
        var session = use.Session;
        using var alone = new EvaluationSet(quantizer.Model.Float, images);
        using (var shared = new EvaluationSet(network, images)) Assert.Equal(alone.FloatSamples, shared.FloatSamples);
        // What does not fit the memory for references is computed again in the shared session.
        using (var forgetful = new EvaluationSet(network, images, Forgetful)) Assert.Equal(alone.FloatSamples, forgetful.RunFloat(CancellationToken.None));
        var check = new OutputCheck(network, images, CancellationToken.None);
        Assert.InRange(check.Worst(quantizer.Quantize(MeasuredEvaluatorTests.Mixed(quantizer, "float", 8))).Cosine, 0.9, 1);
        Assert.Same(session, use.Session);
        // A network that is not large stays ready while nobody runs it.
        use.Dispose();
        Assert.Same(session, use.Session);
    }

    [Fact]
    public void A_large_network_is_let_go_of_when_its_last_user_ends_and_not_before()
    {
        var model = MeasuredEvaluatorTests.Sample().Model.Float;
        using var images = MeasuredEvaluatorTests.Images(24);
        using var network = new FloatNetwork(model, rests: true);
        var first = new EvaluationSet(network, images, Forgetful);
        var second = new EvaluationSet(network, images, Forgetful);
        using var use = network.Use();
        var session = use.Session;
        use.Dispose();
        // Nobody's end takes the session from the others, be it said twice.
        using (var passing = new EvaluationSet(network, images)) Assert.Equal(first.FloatSamples, passing.FloatSamples);
        _ = new OutputCheck(network, images, CancellationToken.None);
        second.Dispose();
        second.Dispose();
        Assert.Equal(first.FloatSamples, first.RunFloat(CancellationToken.None));
        Assert.Same(session, use.Session);
        use.Dispose();
        first.Dispose();
        // Everybody is gone: it is made ready again for the next one.
        Assert.NotSame(session, use.Session);
        Assert.NotEmpty(use.Session.Inputs);
    }

    private static EvaluationOptions Forgetful => new() { ReferenceMemory = 0, ReferenceFile = 0 };
}
