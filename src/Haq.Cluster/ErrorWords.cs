namespace Haq.Cluster;

/// <summary>What a library's exception says at its root, without the full stop.</summary>
internal static class ErrorWords
{
    public static string Of(Exception e)
    {
        while (e.InnerException is not null) e = e.InnerException;
        return e.Message.Split('\n')[0].Trim().TrimEnd('.');
    }
}
