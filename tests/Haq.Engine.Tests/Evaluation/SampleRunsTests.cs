using Haq.Engine.Evaluation;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Evaluation;

public sealed class SampleRunsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    public void Outputs_are_in_the_samples_order_and_do_not_depend_on_how_many_runs_there_are_at_a_time(int workers)
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(8);
        using var session = new OrtSession(quantizer.Model.Float, ExactSessions.Settings);
        string[] outputs = [quantizer.Model.Float.MainOutput];
        var expected = SampleRuns.Of(session, outputs, images, 7, 1, CancellationToken.None).ToArray();
        var actual = SampleRuns.Of(session, outputs, images, 7, workers, CancellationToken.None).ToArray();
        Assert.Equal(7, actual.Length);
        for (int i = 0; i < 7; i++) Assert.Equal(expected[i][0], actual[i][0]);
        Assert.NotEqual(expected[0][0], expected[1][0]);
        Assert.Equal(8, SampleRuns.Of(session, outputs, images, 100, workers, CancellationToken.None).Count());
    }

    [Fact]
    public void Runs_end_when_they_are_cancelled()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(8);
        using var session = new OrtSession(quantizer.Model.Float, ExactSessions.Settings);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => SampleRuns.Of(session, [quantizer.Model.Float.MainOutput], images, 8, 2, source.Token).Count());
    }
}
