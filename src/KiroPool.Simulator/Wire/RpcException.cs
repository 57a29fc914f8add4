namespace KiroPool.Simulator;

/// <summary>A request that is answered with an error. kiro-cli puts the real text into <c>data</c>.</summary>
internal sealed class RpcException(int code, string text) : Exception(text)
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;
    public const int AuthenticationRequired = -32000;

    public int Code => code;

    public string Text => Message;

    public string Title => code switch
    {
        ParseError => "Parse error",
        InvalidRequest => "Invalid request",
        MethodNotFound => "Method not found",
        InvalidParams => "Invalid params",
        AuthenticationRequired => "Authentication required",
        _ => "Internal error",
    };

    public static RpcException Unknown(string method) => new(MethodNotFound, method);

    public static RpcException Invalid(string reason) => new(InvalidParams, reason);

    public static RpcException Internal(string reason) => new(InternalError, reason);
}
