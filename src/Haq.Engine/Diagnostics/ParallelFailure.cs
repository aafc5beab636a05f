namespace Haq.Engine.Diagnostics;

/// <summary>What loops side by side failed with: they wrap it, and whoever asked for the loop knows nothing of that.</summary>
internal static class ParallelFailure
{
    /// <summary>The error that one of the loop's turns gave the user to act on, or that it was cancelled; what was caught where it is neither.</summary>
    public static Exception Of(Exception caught)
    {
        if (caught is not AggregateException several) return caught;
        var causes = several.Flatten().InnerExceptions;
        // Which turns failed before the loop stopped is chance; of the same ones, the same is taken every time.
        return causes.OfType<HaqException>().MinBy(e => e.Message, StringComparer.Ordinal) ?? causes.OfType<OperationCanceledException>().FirstOrDefault() ?? caught;
    }
}
